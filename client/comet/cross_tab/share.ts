/**
 * Lets the clients of this page share polls with other tabs.
 *
 * @module
 */
import { sharing } from "../sharing.ts";
import { openSharedReader } from "./shared_reader.ts";

sharing.open = openSharedReader;

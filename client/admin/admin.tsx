import { render } from "preact";
import { keepLanguage } from "../ui/storage/stored_language.ts";
import { AdminLogin, type KeyPlace } from "./state/admin_login.ts";
import { AdminView } from "./views/admin_view.tsx";
import { KeyForm } from "./views/key_form.tsx";

const KEY = "halley.admin-key";

/** Of this tab alone, and gone with it: never in `localStorage`. */
const place: KeyPlace = {
  read() {
    try {
      return sessionStorage.getItem(KEY) ?? undefined;
    } catch {
      return undefined; // Storage may be forbidden.
    }
  },
  write(key) {
    try {
      if (key === undefined) sessionStorage.removeItem(KEY);
      else sessionStorage.setItem(KEY, key);
    } catch {
      // Then the key is forgotten with the page.
    }
  },
};

const root = document.querySelector("#app");
if (root) {
  keepLanguage();
  const entrance = new AdminLogin(new URL("/", document.baseURI), place);
  render(<Admin entrance={entrance} />, root);
}

function Admin({ entrance }: { readonly entrance: AdminLogin }) {
  const desk = entrance.desk.value;
  return desk
    ? <AdminView desk={desk} onLeave={() => entrance.leave()} />
    : <KeyForm entrance={entrance} />;
}

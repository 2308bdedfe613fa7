import { lookAlikes, skeletonOf } from "../../protocol/confusable.ts";
import { Refused } from "../model/refused.ts";

/** Small capitals, crossed letters, letters of scripts that few people know, and digits of others. */
const RARE = lookAlikes(
  "aᴀꭺᎪꓮ bʙᏼꓐ cᴄᏟꓚ dᴅđɗᎠꓓ eᴇєɛᎬꓰ fꜰƒꓝ gɢցԍԌᏀꓖ hʜħᎻꓧ iɪɩᎥꓲ jᴊյϳᎫꓙ kᴋқᏦꓗ lʟłᏞꓡ١۱ǀ∣ mᴍᎷꓟ nɴꓠ oᴏøꓳ੦௦౦೦൦๐໐٥۵०০૦ pᴘᏢꓑ qզ rʀᎡᏒꓣ sꜱᏚꓢ tᴛŧᎢꓔ uᴜꓴ vᴠᏙꓦ wᴡѡաᎳꓪ xҳꓫ yʏꓬ zᴢᏃꓜ",
);

/** The first ones of letters in circles and squares, and of regional indicators, which have no decomposition. */
const ENCLOSED = [0x1f150, 0x1f170, 0x1f1e6] as const;

/** Symbols that can stand for letters, or be ornaments: nowhere, everywhere, at one end, at both ends. */
const ORNAMENTS = [/(?!)/, /[!|@$€]/g, /^[!|@$€]+/, /[!|@$€]+$/, /^[!|@$€]+|[!|@$€]+$/g];

/** Names that guests cannot use, nor any name that looks like one of them. */
export class ReservedNames {
  readonly #skeletons: ReadonlySet<string>;

  constructor(names: readonly string[]) {
    this.#skeletons = new Set(names.flatMap(skeletonsOf));
  }

  /** Rejects a reserved name with `name_reserved`. */
  check(name: string): void {
    const readings = ORNAMENTS.map((ornament) => name.replace(ornament, ""));
    if (!readings.flatMap(skeletonsOf).some((skeleton) => this.#skeletons.has(skeleton))) return;
    throw new Refused("name_reserved", "This name looks like a reserved one: choose another name");
  }
}

function skeletonsOf(name: string): string[] {
  const known = Array.from(name, (character) => RARE.get(character) ?? enclosed(character));
  return [skeletonOf(known.join(""), "i"), skeletonOf(known.join(""), "l")];
}

function enclosed(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const start = ENCLOSED.find((first) => code >= first && code < first + 26);
  return start === undefined ? character : String.fromCharCode(97 + code - start);
}

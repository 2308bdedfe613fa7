import type { Person } from "../../comet/halley.ts";

/** Shows pictures of these origins. One that cannot be loaded leaves the initial visible. */
export function pictureFrom(origins: readonly string[]) {
  return ({ picture = "" }: Person) =>
    origins.some((origin) => picture.startsWith(`${origin}/`)) && (
      <img
        key={picture}
        src={picture}
        alt=""
        referrerPolicy="no-referrer"
        onError={({ currentTarget }) => currentTarget.hidden = true}
      />
    );
}

import "../comet/halley.ts";
import { render } from "preact";
import { en } from "../ui/i18n/en/en.ts";
import { zh } from "../ui/i18n/zh/zh.ts";
import { restoreLanguage } from "../ui/storage/stored_language.ts";
import { followTranslation } from "../ui/views/translation.ts";
import { AdminLogin } from "./state/admin_login.ts";
import { AdminView } from "./views/admin_view.tsx";
import { KeyForm } from "./views/key_form.tsx";

const root = document.querySelector("#app");
if (root) {
  await restoreLanguage({
    options: [{ tag: "en", name: en.name }, { tag: "zh", name: zh.name }],
    load: (tag) => Promise.resolve((tag === "zh" ? zh : en).sentences),
  });
  const login = new AdminLogin(new URL(".", document.baseURI));
  root.replaceChildren();
  followTranslation(root);
  render(<AdminApp login={login} />, root);
}

function AdminApp({ login }: { readonly login: AdminLogin }) {
  const admin = login.admin.value;
  return admin
    ? <AdminView admin={admin} onSignOut={() => login.signOut()} />
    : <KeyForm login={login} />;
}

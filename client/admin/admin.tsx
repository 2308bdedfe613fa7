import "../comet/halley.ts";
import { render } from "preact";
import { providePageStrings } from "../ui/i18n/page_strings.ts";
import { pageZh } from "../ui/i18n/page_zh.ts";
import { restoreLanguage } from "../ui/storage/stored_language.ts";
import { followTranslation } from "../ui/views/translation.ts";
import { AdminLogin } from "./state/admin_login.ts";
import { AdminView } from "./views/admin_view.tsx";
import { KeyForm } from "./views/key_form.tsx";

const root = document.querySelector("#app");
if (root) {
  providePageStrings({ zh: pageZh });
  restoreLanguage();
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

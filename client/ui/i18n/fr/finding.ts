import type { Finding } from "../en/finding.ts";

/** Sentences of the dialogs with the ways to a conversation, in French. */
export const finding: Finding = {
  goTo: "Aller à",
  placeholder: "Conversation, personne, salon",
  nothing: "Rien ne porte ce nom.",
  join: "Rejoindre #{name}",
  message: "Nouvelle conversation",
  room: "Salon",
  searchFor: "Rechercher les messages avec « {words} »",
  keys: "Raccourcis clavier",
  close: "Fermer",
  singleKeys: "Touches sans Ctrl ni Alt",
  singleKeysHint: "Désactivez-les si votre logiciel de dictée ou de lecture les envoie.",
  or: "ou",
  actions: {
    switcher: "Aller à une conversation, une personne ou un salon",
    search: "Rechercher des messages",
    previous: "Conversation précédente ou suivante",
    unread: "Conversation non lue précédente ou suivante",
    allRead: "Tout marquer comme lu",
    write: "Écrire un message",
    writeKeys: "une lettre",
    reply: "Répondre au message sélectionné, ou au dernier",
    messages: "Entre les messages, ou les conversations de la liste",
    send: "Envoyer le message",
    line: "Nouvelle ligne dans le message",
    format: "Gras, italique ou barré",
    edit: "Modifier votre dernier message, dans un champ vide",
    back: "Retour à la liste ; fermer ce qui est ouvert",
    help: "Ces raccourcis",
  },
};

import type { Files } from "../en/files.ts";

/** Sentences of files, in French. */
export const files: Files = {
  attach: "Joindre des fichiers",
  attached: "Fichiers de ce message",
  remove: "Retirer {name}",
  tooLarge: "{name} dépasse {size}.",
  tooMany: "Un message peut avoir {count} fichiers.",
  waiting: "Envoyé au retour de la connexion",
  uploading: "Envoi des fichiers",
  damaged: "Un des fichiers est vide ou endommagé.",
  quota: "Il n’y a plus de place pour vos fichiers. Supprimez des messages avec des fichiers.",
  serverFull: "Le serveur n’a plus de place pour des fichiers.",
  unavailable: "Ce serveur ne garde pas de fichiers.",
  sendAgain: "Les fichiers n’ont pas pu être envoyés.",
  picture: "Image : {name}",
  show: "Afficher {name}",
  download: "Télécharger {name}",
  gone: "Ce fichier ne peut pas être chargé.",
  previous: "Image précédente",
  next: "Image suivante",
  close: "Fermer",
};

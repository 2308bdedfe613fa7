import type { Account } from "../en/account.ts";

/** Sentences about identities, in French. */
export const account: Account = {
  unsent: "Pas envoyé",
  unsentHint: "Votre session a pris fin avant cet envoi. Copiez ce qu’il vous faut.",
  copyAll: "Copier",
  copied: "Copié",
  discard: "Abandonner",
  cancel: "Annuler",
  save: "Enregistrer",
  done: "OK",
  tryAgain: "Réessayer",
  changeName: "Changer de nom",
  newName: "Nouveau nom",
  renameHint: "Les messages déjà envoyés gardent l’ancien nom.",
  invalidName: "Ce nom ne convient pas. N’utilisez que des caractères visibles.",
  otherDevice: "Utiliser sur un autre appareil",
  moveHint:
    "Ouvrez ce lien sur l’autre appareil. Qui l’ouvre devient vous : ne le donnez à personne.",
  moveLink: "Lien pour l’autre appareil",
  validUntil: "Valable une fois, jusqu’à {time}.",
  creating: "Création du lien…",
  checking: "Vérification du lien…",
  continueAs: "Continuer en tant que {name}",
  alreadyHere: "Vous êtes déjà {name} ici.",
  leaves: "Sur cet appareil, vous êtes {name}. Vous déconnectez {name} et ne pourrez pas revenir.",
  invalidCode: "Ce lien a expiré ou déjà servi. Créez-en un autre sur l’autre appareil.",
};

import type { Account } from "../en/account.ts";

/** Sentences about identities, in Spanish. */
export const account: Account = {
  unsent: "Sin enviar",
  unsentHint: "Tu sesión terminó antes de que se enviara esto. Copia lo que necesites.",
  copyAll: "Copiar",
  copied: "Copiado",
  discard: "Descartar",
  cancel: "Cancelar",
  save: "Guardar",
  done: "Vale",
  tryAgain: "Reintentar",
  changeName: "Cambiar nombre",
  newName: "Nombre nuevo",
  renameHint: "Los mensajes que ya enviaste conservan el nombre anterior.",
  invalidName: "Este nombre no se puede usar. Elige uno solo con caracteres visibles.",
  otherDevice: "Usar en otro dispositivo",
  moveHint:
    "Abre este enlace en el otro dispositivo. Quien lo abra será tú, así que no se lo des a nadie.",
  moveLink: "Enlace para el otro dispositivo",
  validUntil: "Válido hasta las {time}, una sola vez.",
  creating: "Creando el enlace…",
  checking: "Comprobando el enlace…",
  continueAs: "Continuar como {name}",
  alreadyHere: "Aquí ya eres {name}.",
  leaves: "En este dispositivo eres {name}. Cerrarás la sesión de {name} y no podrás volver.",
  invalidCode: "Este enlace ha caducado o ya se usó. Crea otro en el otro dispositivo.",
};

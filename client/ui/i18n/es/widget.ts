import type { Widget } from "../en/widget.ts";

/** Sentences that only the chat of the widget has, in Spanish. */
export const widget: Widget = {
  dismiss: "Cerrar",
  answers: "Responde {name}",
  attended: "Estamos aquí",
  unattended: "Responderemos más tarde",
  away: "Ahora no estamos. Déjanos tus datos de contacto y te responderemos.",
  leaveAddress: "Dejar un mensaje",
  address: "Tu correo electrónico o teléfono",
  invalidAddress: "Escribe un correo electrónico o un teléfono para que podamos responderte.",
  question: "Tu mensaje",
  sent: "Gracias. Responderemos a {address}.",
  unsent: "Lo que escribiste aún no se ha enviado y se perderá si cierras la sesión.",
  stay: "Quedarse",
  refusals: {
    noAccess: "No tienes acceso a este chat.",
    full: "El chat está lleno ahora. Inténtalo más tarde.",
    tooFast: "Demasiado rápido. Espera un momento.",
    busy: "El chat no puede responder ahora. Inténtalo pronto.",
    refused: "El chat rechaza esto.",
  },
};

import type { Push } from "../en/push.ts";

/** Sentences about notifications while the page is closed, in Spanish. */
export const push: Push = {
  whenClosed: "También con la página cerrada",
  whenClosedHint: "Llegan cifradas por el servicio push del navegador.",
  contents: "Mostrar nombres y textos",
  contentsHint: "Si no, solo que hay un mensaje.",
  newMessage: "Mensaje nuevo",
  denied:
    "Las notificaciones están bloqueadas. Permítelas para esta página en los ajustes del navegador y vuelve a intentarlo.",
  serviceUnreachable:
    "No se puede conectar con el servicio push del navegador. Inténtalo más tarde.",
  serviceUnknown: "Este servidor no conoce el servicio push de tu navegador.",
};

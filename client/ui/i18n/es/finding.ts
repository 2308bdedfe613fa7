import type { Finding } from "../en/finding.ts";

/** Sentences of the dialogs with the ways to a conversation, in Spanish. */
export const finding: Finding = {
  goTo: "Ir a",
  placeholder: "Conversación, persona, sala",
  nothing: "Nada tiene este nombre.",
  join: "Entrar en #{name}",
  message: "Conversación nueva",
  room: "Sala",
  searchFor: "Buscar mensajes con «{words}»",
  keys: "Atajos de teclado",
  close: "Cerrar",
  singleKeys: "Teclas sin Ctrl ni Alt",
  singleKeysHint: "Desactívalas si tu software de dictado o de lectura las envía.",
  or: "o",
  actions: {
    switcher: "Ir a una conversación, persona o sala",
    search: "Buscar mensajes",
    previous: "Conversación anterior o siguiente",
    unread: "Conversación sin leer anterior o siguiente",
    allRead: "Marcar todo como leído",
    write: "Escribir un mensaje",
    writeKeys: "cualquier letra",
    reply: "Responder al mensaje que tiene el foco o al último",
    messages: "Entre mensajes, o conversaciones de la lista",
    send: "Enviar el mensaje",
    line: "Línea nueva en el mensaje",
    format: "Negrita, cursiva o tachado",
    edit: "Editar tu último mensaje, con el campo vacío",
    back: "Volver a la lista; cerrar lo que está abierto",
    help: "Estos atajos",
  },
};

import type { Files } from "../en/files.ts";

/** Sentences of files, in Spanish. */
export const files: Files = {
  attach: "Adjuntar archivos",
  attached: "Archivos de este mensaje",
  remove: "Quitar {name}",
  tooLarge: "{name} supera {size}.",
  tooMany: "Un mensaje puede tener {count} archivos.",
  waiting: "Se envía cuando vuelva la conexión",
  uploading: "Enviando archivos",
  damaged: "Uno de los archivos está vacío o dañado.",
  quota: "No queda espacio para más archivos tuyos. Elimina mensajes con archivos.",
  serverFull: "El servidor no tiene espacio para más archivos.",
  unavailable: "Este servidor no guarda archivos.",
  sendAgain: "No se pudieron enviar los archivos.",
  picture: "Imagen: {name}",
  show: "Mostrar {name}",
  download: "Descargar {name}",
  gone: "Este archivo no se puede cargar.",
  previous: "Imagen anterior",
  next: "Imagen siguiente",
  close: "Cerrar",
};

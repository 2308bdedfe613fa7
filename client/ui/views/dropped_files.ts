/** Calls `onFiles` with what is pasted or dropped in an element. Returns a function that ends this. */
export function listenForFiles(pane: HTMLElement, onFiles: (files: FileList) => void): () => void {
  const ended = new AbortController();
  const { signal } = ended;
  const listen = <Name extends keyof HTMLElementEventMap>(
    name: Name,
    listener: (event: HTMLElementEventMap[Name]) => void,
  ) => pane.addEventListener(name, listener, { signal });
  listen("paste", (event) => {
    const { clipboardData } = event;
    const { files, types = [] } = clipboardData ?? {};
    // Office programs copy a picture beside each text; where files are copied, their names are the text.
    const isText = ["text/plain", "text/html"].every((type) => types.includes(type));
    if (!files?.length || isText) return;
    event.preventDefault();
    onFiles(files);
  });
  listen("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    pane.dataset.drop = "";
  });
  const onLeave = () => void delete pane.dataset.drop;
  listen("dragleave", onLeave);
  listen("drop", (event) => {
    onLeave();
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    onFiles(event.dataTransfer.files);
  });
  return () => ended.abort();
}

/**
 * Keeps the texts in `root` current while the browser translates the page. Chrome replaces each text by a `<font>`
 * element, but Preact continues to change the text node that it rendered. When such a node changes, it takes its place
 * back, and the browser translates it again. Texts that Preact removes from an element that stays would remain visible: render
 * an empty text instead, or give the element another key.
 */
export function followTranslation(root: Node): void {
  const translations = new WeakMap<Node, Element>();
  const observer = new MutationObserver((records) => {
    for (const record of records) {
      const { target, removedNodes, addedNodes, previousSibling, nextSibling } = record;
      if (target instanceof Text) translations.get(target)?.replaceWith(target);
      const font = [...addedNodes, previousSibling, nextSibling].find(isFont);
      for (const node of removedNodes) {
        if (!font || !(node instanceof Text)) continue;
        translations.set(node, font);
        observer.observe(node, { characterData: true });
      }
    }
  });
  observer.observe(root, { childList: true, subtree: true });
}

function isFont(node: Node | null): node is Element {
  return node?.nodeName === "FONT";
}

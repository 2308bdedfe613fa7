import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { strings } from "../i18n/tools_strings.ts";

/** Number of lines that are shown of a long content; the style sheet has the same. */
const SHOWN_LINES = 20;

/** A shorter content cannot have more lines than are shown, even in the narrowest place. */
const SHORT = 300;

interface FoldProps {
  /** The number of characters, and of lines before they are wrapped: contents that cannot be too long are not measured. */
  readonly length: number;
  readonly lines: number;
  readonly children: (isOpen: boolean) => ComponentChildren;
}

/** Shows the first lines of a long content, until the reader asks for all of it. */
export function Fold({ length, lines, children }: FoldProps) {
  return length > SHORT || lines > SHOWN_LINES
    ? <LongContent>{children}</LongContent>
    : <>{children(true)}</>;
}

function LongContent({ children }: Pick<FoldProps, "children">) {
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const isOpen = useSignal(false);
  const isCut = useSignal(false);
  useLayoutEffect(() => {
    const { current } = box;
    if (!current || isOpen.value) return;
    const measure = () => isCut.value = current.scrollHeight > current.clientHeight + 1;
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    return () => observer.disconnect();
  }, [isOpen.value]);
  const toggle = () => {
    // The list keeps its place: see `ScrollAnchor`.
    box.current?.dispatchEvent(new Event("fold", { bubbles: true }));
    isOpen.value = !isOpen.value;
  };
  useLayoutEffect(() => {
    if (isCut.value && !isOpen.value) button.current?.scrollIntoView({ block: "nearest" });
  }, [isOpen.value]);
  const { showMore, showLess } = strings.value;
  return (
    <>
      <div ref={box} class="fold" data-open={isOpen.value || undefined}>
        {children(isOpen.value)}
      </div>
      {isCut.value && (
        <button
          ref={button}
          type="button"
          class="quiet"
          tabIndex={-1}
          aria-expanded={isOpen.value}
          onClick={toggle}
        >
          {isOpen.value ? showLess : showMore}
        </button>
      )}
    </>
  );
}

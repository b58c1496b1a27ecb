/** Text, an element, or nothing. */
export type Child = Node | string | undefined | false;

/**
 * An element: `h('div.class', {attribute: value}, child, …)`. Text is always set as text, so that nothing that a
 * patch or a message says can become markup.
 */
export function h(
  selector: string,
  attributes: Readonly<Record<string, string | number | boolean | undefined>> = {},
  ...children: readonly (Child | readonly Child[])[]
): HTMLElement {
  const [name = 'div', ...classes] = selector.split('.');
  const element = document.createElement(name);
  if (classes.length > 0) element.className = classes.join(' ');
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (key === 'style') element.style.cssText = String(value);
    else element.setAttribute(key, String(value));
  }
  for (const child of children.flat()) {
    if (child !== undefined && child !== false) element.append(child);
  }
  return element;
}

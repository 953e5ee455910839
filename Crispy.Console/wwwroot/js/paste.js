// What was pasted, as bytes: longer than what the page's connection takes as one message.
export function bytes(element) { return new TextEncoder().encode(element.value); }

/** As much of Markdown as the checks need: fenced blocks, links, headings and code spans, each with its line. */

/** @typedef {{ info: string, line: number, lines: string[] }} Fence `line` is that of its first line of content */

/** @param {string} text @returns {{ fences: Fence[], prose: { line: number, text: string }[] }} */
export function parse(text) {
  const fences = [];
  const prose = [];
  let open = null;
  for (const [index, line] of text.split("\n").entries()) {
    const mark = /^\s*(```+)\s*(.*)$/.exec(line);
    if (open) {
      if (mark && mark[1].length >= open.ticks && mark[2] === "") open = null;
      else open.fence.lines.push(line);
    } else if (mark) {
      const fence = { info: mark[2].trim(), line: index + 2, lines: [] };
      fences.push(fence);
      open = { fence, ticks: mark[1].length };
    } else {
      prose.push({ line: index + 1, text: line });
    }
  }
  return { fences, prose };
}

/** Targets of links and pictures. @returns {{ line: number, target: string }[]} */
export function links(prose) {
  return prose.flatMap(({ line, text }) =>
    [...withoutCode(text).matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)|^\[[^\]]+\]:\s*(\S+)/g)].map((found) => ({
      line,
      target: found[1] ?? found[2],
    })),
  );
}

/** What stands between backquotes. @returns {{ line: number, code: string }[]} */
export function spans(prose) {
  return prose.flatMap(({ line, text }) => [...text.matchAll(/(`+)(.+?)\1/g)].map((found) => ({ line, code: found[2].trim() })));
}

/** The anchors of the headings, as GitHub makes them. @returns {Set<string>} */
export function anchors(prose) {
  const seen = new Map();
  const found = new Set();
  for (const { text } of prose) {
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(text);
    if (!heading) continue;
    const plain = heading[1].replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const slug = plain.replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, "").replaceAll(" ", "-");
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    found.add(times ? `${slug}-${times}` : slug);
  }
  return found;
}

const withoutCode = (text) => text.replace(/(`+).+?\1/g, "");

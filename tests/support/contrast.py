"""How well text stands out from what it lies on, as WCAG 2 counts it, computed in a browser."""

LEAST_CONTRAST = """() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = channels(colour).slice(0, 3).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      const alpha = channels(colour)[3] ?? 1;
      if (alpha === 1) return colour;
      if (alpha > 0) throw new Error(`half transparent: ${at.className}`);
    }
    return "rgb(255, 255, 255)";
  };
  const result = {least: Infinity, text: "", texts: 0, drawn: 0};
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    const words = node.textContent.trim();
    if (!words || !element.checkVisibility() || element.matches("script, option")) continue;
    const drawn = element instanceof SVGElement;
    const look = getComputedStyle(element);
    if (drawn && look.stroke !== "none") continue;  // the halo behind a name
    const [light, dark] = [drawn ? look.fill : look.color, ground(element)].map(luminance)
      .sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    result.texts += 1;
    result.drawn += drawn;
    if (contrast < result.least) Object.assign(result, {least: contrast, text: words});
  }
  return result;
}"""
"""A function of JavaScript: the least contrast of all visible texts, where, and of how many."""

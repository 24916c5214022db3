"""What cannot be read on a page, by what the browser painted."""

# Text below WCAG 2.2's 4.5 to 1 (3 to 1 where it is large), by what the browser painted. Disabled fields are excepted.
PALE = """() => {
    const parse = colour => {
        const parts = (colour.match(/[\\d.]+/g) ?? []).map(Number);
        const unit = colour.startsWith("color(") ? 255 : 1;
        return [...parts.slice(0, 3).map(value => value * unit), parts[3] ?? 1];
    };
    const light = colour => colour.slice(0, 3).map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
    const over = (top, under) => [0, 1, 2].map(at => top[at] * top[3] + under[at] * (1 - top[3])).concat(1);
    const behind = node => {
        const layers = [];
        for (let at = node; at; at = at.parentElement) layers.push(parse(getComputedStyle(at).backgroundColor));
        return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255, 1]);
    };
    return [...document.querySelectorAll("body *")]
        .filter(node => node.checkVisibility() && node.getClientRects().length && !node.disabled)
        .filter(node => !node.closest(".visually-hidden, .skip-to-content-link"))
        .filter(node => [...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim()))
        .map(node => {
            const style = getComputedStyle(node);
            const under = behind(node);
            const [high, low] = [light(over(parse(style.color), under)), light(under)].sort((a, b) => b - a);
            const large = parseFloat(style.fontSize) >= 24;
            const ratio = (high + 0.05) / (low + 0.05);
            return {text: node.textContent.trim().slice(0, 40), ratio, needs: large ? 3 : 4.5};
        })
        .filter(({ratio, needs}) => ratio < needs);
}"""

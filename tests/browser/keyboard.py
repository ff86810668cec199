"""By keyboard alone: on from where one is, as Tab goes, and never without seeing where that is."""

# What has the focus says so by a ring of its own, or of what stands around it; a mark of a chart by its shape. Nothing lies over it.
LOOK = """target => {
    const here = document.activeElement;
    if (here === document.body) return { isHere: false };
    const isRinged = (part) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(part);
        return outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
    };
    const shape = here.querySelector(".hit");
    const isMarked = shape ? getComputedStyle(shape).stroke !== "none" : [here, here.parentElement].some(isRinged);
    const [box] = here.getClientRects();
    const over = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height, innerHeight) / 2);
    const isOnTop = here.contains(over) || over?.contains(here);
    const fault = !isMarked ? "nothing marks" : !isOnTop ? "something hides" : null;
    return { isHere: here === target, fault: fault && `${fault} ${here.outerHTML.slice(0, 200)}` };
}"""


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def go_on_to(target, *, most=60, back=False):
    """Press Tab until `target` has the focus, `most` times at most, and return the keyboard; on the way it is seen where one is."""
    page = target.page
    for _each in range(most):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        found = target.evaluate(LOOK)
        assert not found.get("fault"), found["fault"]
        if found["isHere"]:
            return page.keyboard
    raise AssertionError(f"{most} times Tab do not lead to {target}")

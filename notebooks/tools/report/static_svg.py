"""Make matplotlib's SVG small: it is put into the page once for each chart, beside the interactive one."""

from __future__ import annotations

import re
from collections import Counter
from xml.etree import ElementTree

SVG, LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
NUMBERS = ("d", "x", "y", "width", "height", "transform", "viewBox")


def compact(svg: str) -> str:
    """The same picture with short numbers (a tenth of a point), shared styles as classes and the system's font."""
    ElementTree.register_namespace("", SVG.strip("{}"))
    root = ElementTree.fromstring(svg[svg.index("<svg") :])
    for parent in root.iter():
        for child in list(parent):
            if child.tag.endswith(("metadata", "style")):
                parent.remove(child)
    used = set(re.findall(r"#([\w-]+)", " ".join(value for item in root.iter() for value in item.attrib.values())))
    styles: Counter[str] = Counter()
    for item in root.iter():
        tidy(item, used)
        styles[item.get("style", "")] += 1
    flatten(root)
    names = {style: f"c{number}" for number, (style, count) in enumerate(styles.most_common()) if style and count > 1}
    for item in root.iter():
        if item.get("style") in names:
            item.set("class", names[item.attrib.pop("style")])
    sheet = ElementTree.Element(f"{SVG}style")
    sheet.text = "*{stroke-linejoin:round;stroke-linecap:butt}text{font-family:system-ui,'Liberation Sans',sans-serif}"
    sheet.text += "".join(f".{name}{{{style}}}" for style, name in names.items())
    root.insert(0, sheet)
    return ElementTree.tostring(root, encoding="unicode")


def tidy(item: ElementTree.Element, used: set[str]) -> None:
    """Shorten one element's attributes."""
    if not (item.text or "").strip():
        item.text = None
    item.tail = None
    if item.get("id") not in used:
        item.attrib.pop("id", None)
    if LINK in item.attrib:
        item.set("href", item.attrib.pop(LINK))
    if re.match(r"rotate\(-?0 ", item.get("transform", "")):
        del item.attrib["transform"]
    for name in NUMBERS:
        if name in item.attrib:
            text = re.sub(r"-?\d+\.\d{2,}", lambda hit: f"{float(hit[0]):.1f}".removesuffix(".0"), item.attrib[name])
            item.set(name, re.sub(r" ?([MLCQz]) ?", r"\1", text) if name == "d" else text)
    if "style" in item.attrib:
        parts = [part.strip().replace(": ", ":") for part in item.attrib["style"].split(";")]
        item.set("style", ";".join(part for part in parts if part and not part.startswith("font-family")))


def flatten(parent: ElementTree.Element) -> None:
    """Drop groups that say nothing and join neighbouring groups that say the same."""
    kept: list[ElementTree.Element] = []
    for child in list(parent):
        flatten(child)
        parent.remove(child)
        if child.tag == f"{SVG}g" and not child.attrib:
            kept += list(child)
        else:
            kept.append(child)
    for child in kept:
        last = parent[-1] if len(parent) else None
        if last is not None and child.tag == f"{SVG}g" == last.tag and child.attrib == last.attrib:
            last.extend(list(child))
        else:
            parent.append(child)

"""What the documentation's site has beyond docs/: hooks of mkdocs, which mkdocs.yml names.

The pages are written for GitHub, where links lead through the whole repository. On the site
README.md is the first page, the other pages of the top level stand beside those of docs/, and each
other file that is linked is shown on a page of its own.
"""

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"(?<=\]\()([^)#\s]+)")
NAMED_BY_PATH = re.compile(r"\[[\w/]+\.md\]\(([^)#\s]+)")
ROW = re.compile(r"^\|.*", re.MULTILINE)
CODE = re.compile(r"`[^`]*`")
LOADED = re.compile(r"""<(?:(?:script|img|iframe)[^>]*\ssrc|link[^>]*\shref)=["']?https?:""")
LANGUAGES = {".cfg": "ini", ".jsonl": "json"}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    for path in ROOT.glob("*.md"):
        name = "index.md" if path.name == "README.md" else path.name
        files.append(File.generated(config, name, abs_src_path=str(path)))
    linked = {
        target
        for file in files.documentation_pages()
        for link in LINK.findall(file.content_string)
        if (target := in_repository(link, file)) and not target.startswith("docs/")
    }
    for target in sorted(linked):
        path = ROOT / target
        if path.is_file() and path.suffix != ".md":
            files.append(File.generated(config, page_of(target), content=shown(path)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    def on_site(link: re.Match[str]) -> str:
        target = in_repository(link[0], page.file)
        if target is None:
            return link[0]
        for name in (target.removeprefix("docs/"), page_of(target)):
            if files.get_file_from_path(name):
                return posixpath.relpath(name, posixpath.dirname(page.file.src_uri) or ".")
        return link[0]

    def by_title(link: re.Match[str]) -> str:
        target = in_repository(link[1], page.file)
        is_page = target is not None and (ROOT / target).is_file()
        return f"[{title_of(ROOT / target)}]({link[1]}" if is_page else link[0]

    if page.file.src_uri.startswith("files/"):
        page.meta["search"] = {"exclude": True}
        return markdown
    markdown = LINK.sub(on_site, NAMED_BY_PATH.sub(by_title, markdown))
    markdown = ROW.sub(lambda row: CODE.sub(without_escapes, row[0]), markdown)
    # Without prompts, Pygments takes all of a console for output.
    return markdown.replace("```console", "```bash")


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    found = LOADED.search(output)
    if found:
        raise PluginError(f"{page.file.src_uri} loads from another host: {found[0]}")
    return output


def in_repository(link: str, file: File) -> str | None:
    """The file of the repository that a link of a page leads to; None: another host's."""
    if "://" in link or link.startswith("mailto:"):
        return None
    source = Path(file.abs_src_path or ROOT / file.src_uri).relative_to(ROOT)
    return posixpath.normpath(posixpath.join(source.parent.as_posix(), link))


def without_escapes(code: re.Match[str]) -> str:
    """Code in a table, where GitHub wants bars escaped, and Python-Markdown does not."""
    return code[0].replace("\\|", "|")


def title_of(path: Path) -> str:
    """The first heading of a page."""
    return path.read_text(encoding="utf-8").split("\n", 1)[0].removeprefix("# ")


def page_of(target: str) -> str:
    """The page that shows a file."""
    return "index.md" if target == "README.md" else f"files/{target}.md"


def shown(path: Path) -> str:
    name = path.relative_to(ROOT).as_posix()
    language = LANGUAGES.get(path.suffix, "text")
    return f"# {name}\n\n```{language}\n{path.read_text(encoding='utf-8').rstrip()}\n```\n"

"""What people write becomes HTML that does nothing but show it."""

import time

import pytest

from leadhub.markdown import LONGEST, to_html

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><a href='javascript:alert(1)'>x</a></svg>",
    "<style>*{display:none}</style>",
    "<!-- --><iframe srcdoc='<script>alert(1)</script>'>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "[x](file:///etc/passwd)",
    "[x](//evil.example)",
    "[x](/logout)",
    "<javascript:alert(1)>",
    "![x](http://evil.example/pixel.png)",
    "[x]: javascript:alert(1)\n\n[x]",
    '[x](http://a.example "><script>alert(1)</script>")',
    "[![a](javascript:alert(1))](javascript:alert(2))",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)",
    "`</code><script>alert(1)</script>`",
    "```</pre><script>\nalert(1)\n```",
    "|<script>alert(1)</script>|\n|-|\n|<b onclick=alert(1)>|",
    "http://a.example/<script>alert(1)</script>",
    "http://a.example/\"onmouseover=alert(1)//",
    "gnp.\u202eexe \u2066x",
)  # fmt: skip
HEAVY = {
    "brackets": "[" * LONGEST,
    "links": "[a](" * (LONGEST // 4),
    "angles": "[a](<b" * (LONGEST // 6),
    "images": "![" * (LONGEST // 2),
    "stars": "*a_ " * (LONGEST // 4),
    "strong": "**a *b " * (LONGEST // 7),
    "ticks": " ".join("`" * count for count in range(1, 190)),
    "quotes": "> " * (LONGEST // 2),
    "lists": "".join(" " * depth + "- a\n" for depth in range(150)),
    "addresses": "http://a " * (LONGEST // 9),
    "closing signs": "http://a" + ")" * (LONGEST - 8),
    "table": "|" + "a|" * 60 + "\n|" + "-|" * 60 + "\n" + "||\n" * 6000,
    "rows": "|a|b|\n|-|-|\n" + "|x|y|\n" * 3000,
    "references": "".join(f"[{number}]: http://a\n" for number in range(1200)),
    "one long address, many links": f"[a]: http://a/{'x' * 5000}\n\n" + "[a]" * 4900,
    "backslashes": "\\" * LONGEST,
    "ampersands": "&" * LONGEST,
}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_shown_and_does_nothing(text):
    made = to_html(text).lower()

    tags = {part.split(">")[0].split()[0].strip("/") for part in made.split("<")[1:]}
    assert tags <= {"p", "a", "code", "pre", "br", "table", "thead", "tbody", "tr", "th", "td"}
    assert not any(f'href="{scheme}' in made for scheme in ("javascript", "data", "vbscript", "file", "/", "j"))
    assert "<script" not in made
    assert " on" not in "".join(part.split(">")[0] for part in made.split("<")[1:])


@pytest.mark.parametrize("name", HEAVY)
def test_a_heavy_text_takes_no_long_time(name):
    begun = time.process_time()

    to_html(HEAVY[name])

    assert time.process_time() - begun < 10  # a parser that goes astray takes minutes


@pytest.mark.parametrize("name", HEAVY)
def test_a_text_makes_no_page_that_is_much_longer(name):
    assert len(to_html(HEAVY[name])) < 50 * LONGEST


def test_an_address_can_be_named_once_for_several_links():
    text = "[a][1] and [b][1]\n\n[1]: http://a.example/x"

    assert to_html(text).count('href="http://a.example/x"') == 2


def test_what_is_too_long_is_cut():
    assert len(to_html("a" * (LONGEST + 10))) == LONGEST + len("<p></p>\n")


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("**b** *i* ~~s~~ `c`", "<p><strong>b</strong> <em>i</em> <s>s</s> <code>c</code></p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. c", '<ol start="3">\n<li>c</li>\n</ol>'),
        ("# One\n\n###### Six", "<h3>One</h3>\n<h3>Six</h3>"),
        ("> said", "<blockquote>\n<p>said</p>\n</blockquote>"),
    ],
)
def test_commonmark_is_read(text, made):
    assert to_html(text).strip() == made


def test_tables_are_read():
    assert "<td>1</td>" in to_html("|a|\n|-:|\n|1|")


def test_links_are_named_and_lend_nothing():
    made = to_html("[here](https://a.example/x) and <zoe@example.org>")

    assert '<a href="https://a.example/x" rel="noopener noreferrer nofollow">here</a>' in made
    assert 'href="mailto:zoe@example.org"' in made
    assert "target" not in made


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://a.example/b_c_d.", "https://a.example/b_c_d"),
        ("(https://a.example/x)", "https://a.example/x"),
        ("https://a.example/x_(y), then", "https://a.example/x_(y)"),
        ("“http://a.example”", "http://a.example"),
        ("HTTPS://A.example?q=1&r=2!", "HTTPS://A.example?q=1&amp;r=2"),
    ],
)
def test_an_address_in_the_text_is_a_link_without_the_signs_behind_it(text, address):
    assert f'href="{address}"' in to_html(text)


@pytest.mark.parametrize("text", ["ftp://a.example", "www.a.example", "http://", "`http://a.example`", "xhttp://a.b"])
def test_other_texts_are_no_links(text):
    assert "<a" not in to_html(text)


def test_an_address_inside_a_link_stays_its_words():
    assert to_html("[http://a.example](http://b.example)").count("<a ") == 1

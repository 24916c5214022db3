"""How a person is reached and called: addresses, telephone numbers, names.

Masked in traces, gaps and logs only: the conversation itself needs them. Patterns read the plain form of a text
(`digits.plain`); each is linear in its length.
"""

import re
from collections.abc import Iterator

from csbot.nlu.pii_numbers import Found

# Where a number without a country code may be from.
REGIONS = ("CN", "US", "GB", "HK")
_EMAIL = re.compile(r"(?<![A-Za-z0-9_.+-])[A-Za-z0-9_.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9_])")
_PHONE = re.compile(r"(?<![\w#])(?:\+ ?|\(\+?)?\d(?:[ \t.\-()/\u200b]{0,3}\d){6,16}(?!\d)")
_INTERNET = re.compile(r"(?<![\d.])(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}(?![\d.])")
_BIRTH = re.compile(
    r"(?:\b(?:born|birthday|birth ?date|date of birth|dob)\b[^\d\n]{0,16}|(?:出生|生日)[^\d\n]{0,8})"
    r"(\d{1,4}[ ./年-]{1,2}(?:\d{1,2}|[A-Za-z]{3,9})[ ./月-]{1,2}\d{1,4}日?)",
    re.IGNORECASE,
)
_STREET = re.compile(
    r"\b\d{1,5}[A-Za-z]?,? (?:[A-Z][\w'’.]{0,20} ){1,4}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|"
    r"Court|Ct|Square|Sq|Place|Pl|Way|Close|Terrace|Crescent)\b\.?(?:,? (?:Apt|Flat|Unit|Suite|#) ?\w{1,6})?"
)
_CHINESE_STREET = re.compile(
    r"(?:寄到|送到|发到|改到|改成|改为|换成|住在|地址[是为:]{0,2})?((?:[一-鿿]{2,8}(?:省|自治区))?(?:[一-鿿]{2,8}市)?(?:[一-鿿]{1,8}[区县])?[一-鿿]{1,12}(?:路|街|道|巷|弄|胡同|村|镇|小区)"
    r"\d{1,5}(?:号|弄)(?:[一-鿿\d]{0,12}(?:栋|幢|楼|单元|室|号|层))*)"
)
_NAME_SAID = re.compile(
    r"\b(?:my (?:full |first |last )?name(?: is|['’]s)|i am called|i['’]m called|name ?[:：])\s{0,2}"
    r"((?:(?:mr|mrs|ms|miss|dr)\.? )?[^\W\d_][\w'’-]{0,24}(?: [A-Z][\w'’-]{0,24}){0,3})",
    re.IGNORECASE,
)
_THIS_IS = re.compile(
    r"\b(?:[Tt]his is|[Ii] am|[Ii]['’]m)\s((?:(?:Mr|Mrs|Ms|Dr)\.? )?[A-Z][a-z'’-]{1,20} [A-Z][a-z'’-]{1,24})\b"
)
_NOT_NAMES_WORDS = (
    "not a an the on in wrong misspelled spelled spelt still already incorrect correct missing different what why and "
    "but it that too also required needed for to being shown"
)
_NOT_NAMES = frozenset(_NOT_NAMES_WORDS.split())
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付"
    "方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤陳張劉楊黃趙吳孫馬羅鄭謝許韓馮鄧蔣葉蘇魏呂盧鍾譚陸賈"
)
_CHINESE_NAME = re.compile(
    rf"(?:我叫|我的名字(?:是|叫)|我姓名(?:是)?|姓名[:：是]?|本人|收件人[:：是]?|联系人[:：是]?)\s?"
    rf"((?:欧阳|司马|上官|诸葛|[{_SURNAMES}])[一-鿿](?:(?![想要的是我你在买收退换有没和,，])[一-鿿])?)"
)


def find(text: str) -> Iterator[Found]:
    """Everything in `text` that says who a person is or how to reach them, beyond what is never stored."""
    for pattern, kind, group in (
        (_EMAIL, "email", 0),
        (_INTERNET, "ip", 0),
        (_BIRTH, "birth-date", 1),
        (_STREET, "address", 0),
        (_CHINESE_STREET, "address", 1),
        (_THIS_IS, "name", 1),
        (_CHINESE_NAME, "name", 1),
    ):
        yield from (Found(*match.span(group), kind, f"[{kind}]") for match in pattern.finditer(text))
    yield from _names_said(text)
    yield from _phones(text)


def _names_said(text: str) -> Iterator[Found]:
    for match in _NAME_SAID.finditer(text):
        words = match.group(1).split(" ")
        kept: list[str] = []
        for place, word in enumerate(words):
            # A name in small letters is its first word; what follows is the sentence.
            if word.lower() in _NOT_NAMES or (place and not word[:1].isupper()):
                break
            kept.append(word)
        if kept:
            yield Found(match.start(1), match.start(1) + len(" ".join(kept)), "name", "[name]")


def _phones(text: str) -> Iterator[Found]:
    """Numbers that a numbering plan knows: with a country code anywhere, without one in `REGIONS`."""
    for match in _PHONE.finditer(text):
        if _is_phone(match.group()):
            yield Found(*match.span(), "phone", "[phone]")


def _is_phone(written: str) -> bool:
    import phonenumbers

    for region in REGIONS if "+" not in written else (None,):
        try:
            number = phonenumbers.parse(written, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return True
    return False

"""What emoji and emoticons say, in words that word vectors know."""

import unicodedata

# By meaning rather than by name, where a name does not say what people mean.
WORDS_OF_EMOJI = """
    amazing 🤩 🌠
    angry 😠 😡 🤬 👿 😾 💢
    annoyed 😒 🙄 😤 🤦
    applause 👏
    awkward 😬 🫠
    bad 👎
    beautiful ✨ 🌟 💫
    blessed 😇
    bored 😑 🥱
    broken 💔
    celebrate 🎉 🎊 🥳 🍾
    cheers 🥂 🍻 🍺
    cold 🥶 ❄
    confused 😕 😵 🫤 🤪 🥴
    cool 😎 🆒
    crap 💩
    crying 😭 😿
    cute 🐶 🐱 🐰 🐣 🐥 🧸
    dance 💃 🕺
    dead 💀 ☠ ⚰
    decline 📉
    delicious 😋 🤤
    disappointed 😞 😔 🙁 ☹ 😟
    disgusting 🤢 🤮
    embarrassed 😳 🙈
    excited 🤗
    flower 🌸 🌹 🌺 🌻 🌼 🌷 💐
    frustrated 😣 😖 😩 😫
    gift 🎁
    good 👍 👌 🆗
    great 💯 🔝
    grin 😁 😼
    growth 📈
    happy 😀 😃 😄 😆 😸 😺 🤠
    hilarious 😂 🤣 😹
    hope 🤞
    hot 🔥 🥵
    hurray 🙌
    ill 😷 🤒 🤕 🤧
    joy 🥹 🥲
    kiss 😘 😗 😙 😚 💋 😽 💏
    love ❤ ♥ 😍 🥰 💕 💖 💗 💘 💓 💞 💝 💟 🧡 💛 💚 💙 💜 🤎 🖤 🤍 🩷 🩵 🩶 ❣ 😻 💑 💌 🫶
    meh 😐 😶
    money 💰 💵 💸 🤑
    music 🎵 🎶
    naughty 😈
    no ❌ ✖ 🚫 ⛔ 🙅
    peace ✌ ☮ 🕊
    playful 😜 😝 😛
    question ❓ ❔
    ridiculous 🤡
    rocket 🚀
    sad 😢 😥 😪 💧
    scared 😨 😰 😱 😧 🙀
    shrug 🤷
    sleepy 😴 💤
    smile 🙂 ☺ 😊 😌 😉 😏 🙃
    strong 💪
    stupid 🖕
    sun ☀ 🌞
    surprised 😮 😯 😲 😦 🫢
    thanks 🙏
    thinking 🤔 🤨 🧐
    warning ⚠ 🚨
    winner 🏆 🥇 🏅 🎖
    worried 😓 🥺
    wow 🤯
    yes ✅ ✔ ☑
"""
WORD_OF_EMOJI = {
    sign: word for word, *signs in map(str.split, WORDS_OF_EMOJI.splitlines()[1:]) for sign in signs
}
# In names of other signs, words that do not say what is shown.
UNTELLING = {"building", "emoji", "face", "mark", "sign", "stone", "symbol"}

WORD_OF_EMOTICON = {
    **dict.fromkeys([":)", ";)", "=)", "(:", "(="], "smile"),
    **dict.fromkeys([":d", ";d", "=d"], "grin"),
    **dict.fromkeys([":(", ";(", "=(", "):", ")="], "sad"),
    **dict.fromkeys([":'(", ";'(", "='(", "t_t", ";_;"], "crying"),
    **dict.fromkeys([":')", ";')", "=')"], "joy"),
    **dict.fromkeys([":p", ";p", "=p"], "playful"),
    **dict.fromkeys([":/", "=/", ":\\", "=\\", ":|", "=|"], "meh"),
    **dict.fromkeys([":o", "=o"], "surprised"),
    **dict.fromkeys([":s", "=s", "o_o"], "confused"),
    **dict.fromkeys([":*", ";*", "=*"], "kiss"),
    **dict.fromkeys([":3", "=3"], "cute"),
    **dict.fromkeys(["^_^", "^^"], "happy"),
    "-_-": "annoyed",
    "</3": "broken",
    "<3": "love",
    ">_<": "frustrated",
    "\\o/": "hurray",
    "xd": "hilarious",
}


def read_emoticon(word: str) -> str | None:
    """What an emoticon says, however long its mouth is, or None."""
    sign = word.lower()
    if sign[0] in ":;=" and sign[-1] != ";":
        sign = sign[0] + ("'" if "'" in sign else "") + sign[-1]
    else:
        sign = sign.replace("-:", ":").replace("-=", "=")
        sign = sign[0] + "_" + sign[-1] if set(sign[1:-1]) == {"_"} else sign
    return WORD_OF_EMOTICON.get(sign)


def read_emoji(word: str) -> str | None:
    """What the emoji at the beginning of a word says, or None."""
    sign = word[0]
    if sign in WORD_OF_EMOJI:
        return WORD_OF_EMOJI[sign]
    if "\U0001f1e6" <= sign <= "\U0001f1ff":
        return "flag"
    if unicodedata.category(sign) != "So":
        return None
    name = unicodedata.name(sign, "").lower().replace("-", " ").split()
    telling = [part for part in name if part not in UNTELLING]
    return telling[-1] if telling else None

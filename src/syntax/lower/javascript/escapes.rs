//! Cooking: what the escapes of string and template literals and the character references of JSX attributes stand for.

use std::borrow::Cow;
use std::iter::Peekable;
use std::str::Chars;

/// The value of the text between the quotes of a string or the back ticks of a template.
///
/// Malformed escapes stand for themselves without the backslash, lone surrogates for U+FFFD: nothing that is compared later
/// holds either.
pub(super) fn cook(raw: &str) -> Cow<'_, str> {
    if memchr::memchr2(b'\\', b'\r', raw.as_bytes()).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut cooked = String::with_capacity(raw.len());
    let mut rest = raw.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\\' => escape(&mut rest, &mut cooked),
            // Only templates can hold a line end, and they normalise it.
            '\r' => {
                rest.next_if_eq(&'\n');
                cooked.push('\n');
            }
            _ => cooked.push(character),
        }
    }
    Cow::Owned(cooked)
}

fn escape(rest: &mut Peekable<Chars<'_>>, cooked: &mut String) {
    let Some(character) = rest.next() else { return };
    match character {
        'n' => cooked.push('\n'),
        'r' => cooked.push('\r'),
        't' => cooked.push('\t'),
        'b' => cooked.push('\u{8}'),
        'f' => cooked.push('\u{c}'),
        'v' => cooked.push('\u{b}'),
        'x' => match digits(rest, 16, 2) {
            Some(code) => push(code, cooked),
            None => cooked.push('x'),
        },
        'u' => match code_unit(rest) {
            Some(code) => unicode(code, rest, cooked),
            None => cooked.push('u'),
        },
        '0'..='7' => octal(character, rest, cooked),
        '\r' => {
            rest.next_if_eq(&'\n');
        }
        '\n' | '\u{2028}' | '\u{2029}' => {}
        other => cooked.push(other),
    }
}

/// `\0` and the octal escapes of sloppy scripts, at most three digits and `\377`.
fn octal(first: char, rest: &mut Peekable<Chars<'_>>, cooked: &mut String) {
    let mut code = first.to_digit(8).unwrap_or(0);
    let more = if code <= 3 { 2 } else { 1 };
    for _ in 0..more {
        let Some(digit) = rest.peek().and_then(|next| next.to_digit(8)) else { break };
        code = code * 8 + digit;
        rest.next();
    }
    push(code, cooked);
}

/// A code unit, and its low half when it is the high half of a surrogate pair.
fn unicode(code: u32, rest: &mut Peekable<Chars<'_>>, cooked: &mut String) {
    if (0xd800..0xdc00).contains(&code) {
        let mut ahead = rest.clone();
        if ahead.next() == Some('\\')
            && ahead.next() == Some('u')
            && let Some(low @ 0xdc00..0xe000) = code_unit(&mut ahead)
        {
            *rest = ahead;
            push(0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00), cooked);
            return;
        }
    }
    push(code, cooked);
}

/// The code after `\u`: four digits, or any number of digits in braces.
fn code_unit(rest: &mut Peekable<Chars<'_>>) -> Option<u32> {
    if rest.peek() != Some(&'{') {
        return digits(rest, 16, 4);
    }
    let mut ahead = rest.clone();
    ahead.next();
    let mut code = 0_u32;
    loop {
        match ahead.next()? {
            '}' => break,
            digit => code = code.checked_mul(16)?.checked_add(digit.to_digit(16)?)?,
        }
    }
    *rest = ahead;
    Some(code)
}

/// Exactly `count` digits; takes nothing when there are fewer.
fn digits(rest: &mut Peekable<Chars<'_>>, radix: u32, count: usize) -> Option<u32> {
    let mut ahead = rest.clone();
    let mut code = 0;
    for _ in 0..count {
        code = code * radix + ahead.next()?.to_digit(radix)?;
    }
    *rest = ahead;
    Some(code)
}

fn push(code: u32, cooked: &mut String) {
    cooked.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
}

/// The value of the text between the quotes of a JSX attribute: no escapes, but character references. Of the named ones only
/// those that XML and everyday HTML use are known; the others stay as written.
pub(super) fn decode_references(raw: &str) -> Cow<'_, str> {
    if memchr::memchr(b'&', raw.as_bytes()).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut decoded = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('&') {
        decoded.push_str(before);
        if let Some((character, tail)) = after.split_once(';').and_then(|(name, tail)| Some((reference(name)?, tail))) {
            decoded.push(character);
            rest = tail;
        } else {
            decoded.push('&');
            rest = after;
        }
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

fn reference(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        return code.ok().and_then(char::from_u32);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        _ => return None,
    })
}

//! Stand-ins: values that name, describe, mask or refer to a secret instead of being one.
//!
//! Two grades. A *placeholder* (`YOUR_API_KEY`, `<token>`, `${X}`, `sip_password`, `****`) is no secret at all. A *dummy* (`test123`,
//! `password`, `demo`) may well be the value in force, so it lowers the confidence and is not dropped: dropping dummies has hidden real
//! leaks in other scanners.

use super::model::MODEL;
use super::shapes::{PREFIX, entropy, key_shape, sequential_pairs};
use super::words::{split, unfuse};

/// Whether `value` stands for a secret without being one: empty, masked, a reference to somewhere else, or words that say what belongs
/// there, in any of several languages. Quotes and spaces around it do not matter.
#[must_use]
pub fn is_placeholder(value: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'', '`']).trim();
    if value.is_empty() || is_reference(value) || is_masked(value) {
        return true;
    }
    if key_shape(value).is_some() {
        return false;
    }
    // `KEYtest123` and `KEY_your_key` are made of words behind the prefix of real keys, which then describes.
    let (body, mut describes) = match value.strip_prefix(PREFIX) {
        Some(body) if body.chars().count() < 40 => (body, true),
        _ => (value, false),
    };
    let words = split(body);
    let strong = |word: &String| {
        MODEL.placeholder.strong.contains(word) || MODEL.placeholder.strong_prefixes.iter().any(|prefix| word.starts_with(prefix.as_str()))
    };
    if words.iter().any(strong) {
        return true;
    }
    let all_known = words.iter().all(|word| match kind_of(word) {
        Some(WordKind::Describing) => {
            describes = true;
            true
        }
        Some(WordKind::Dummy) => true,
        None => false,
    });
    all_known && describes
}

/// Whether `value` is what people type when they need any password at all: words such as `test` and `password`, counting digits, one
/// character repeated. Says nothing about whether it is in force.
#[must_use]
pub fn is_dummy_password(value: &str) -> bool {
    let value = value.trim();
    let bytes = value.as_bytes();
    if bytes.len() < 4 || entropy(bytes) < 1.5 || sequential_pairs(bytes) * 4 >= bytes.len() * 3 {
        return true;
    }
    let words = split(value);
    !words.is_empty() && words.iter().all(|word| kind_of(word).is_some())
}

/// What a word of a value tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum WordKind {
    /// It says what should stand there.
    Describing,
    /// It is filler.
    Dummy,
}

fn kind_of(word: &str) -> Option<WordKind> {
    let words = &MODEL.placeholder;
    if words.describing.contains(word) {
        return Some(WordKind::Describing);
    }
    // Years, counters and counted digits (2024, 1, 123456) only ever decorate.
    let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
    let decorates = is_number && (word.len() <= 4 || sequential_pairs(word.as_bytes()) + 2 >= word.len());
    if words.dummy.contains(word) || decorates {
        return Some(WordKind::Dummy);
    }
    let parts = unfuse(word, &words.dummy).map(|_| WordKind::Dummy);
    parts.or_else(|| {
        let all: Vec<_> = fused_with_both(word)?;
        let describes = all.iter().any(|part| words.describing.contains(*part));
        Some(if describes { WordKind::Describing } else { WordKind::Dummy })
    })
}

/// Cuts `mytoken` or `testkey` by both vocabularies at once.
fn fused_with_both(word: &str) -> Option<Vec<&str>> {
    static BOTH: std::sync::LazyLock<rustc_hash::FxHashSet<String>> = std::sync::LazyLock::new(|| {
        let words = &MODEL.placeholder;
        // Very short words would cut anything to pieces.
        words.describing.iter().chain(&words.dummy).filter(|word| word.chars().count() >= 2).cloned().collect()
    });
    if word.is_ascii() { unfuse(word, &BOTH) } else { None }
}

fn is_reference(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let words = &MODEL.placeholder;
    let marked = words.reference_prefixes.iter().any(|prefix| lower.starts_with(prefix.as_str()))
        || words.reference_parts.iter().any(|part| lower.contains(part.as_str()));
    let wrapped = [('%', '%'), ('[', ']'), ('<', '>'), ('{', '}'), ('@', '@'), ('(', ')')]
        .iter()
        .any(|(open, close)| value.len() > 2 && value.starts_with(*open) && value.ends_with(*close));
    let variable = value.strip_prefix('$').is_some_and(|name| {
        name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.chars().all(|character| character.is_ascii_alphanumeric() || "_:->.[]'".contains(character))
            && (name.len() > 12 || !name.bytes().any(|byte| byte.is_ascii_digit()))
    });
    marked || wrapped || variable
}

fn is_masked(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    if MODEL.placeholder.masks.iter().any(|mask| lower.contains(mask.as_str())) {
        return true;
    }
    let mut characters = value.chars();
    characters.next().is_some_and(|first| characters.all(|character| character == first))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{api_key, login_jwt};
    use super::*;

    #[test]
    fn stand_ins_in_many_languages_are_no_secrets() {
        let cases = [
            "",
            "  ",
            "YOUR_API_KEY",
            "your_jwt_token",
            "your-password-here",
            "mytoken",
            "my_token",
            "changeme",
            "change-me",
            "xxx",
            "XXXX",
            "<token>",
            "<YOUR KEY>",
            "${TELNYX_API_KEY}",
            "{{ telnyx.key }}",
            "%TELNYX_KEY%",
            "$TELNYX_KEY",
            "$sip_password",
            "...",
            "KEY...",
            "KEY0198…",
            "tu_api_key",
            "actual_key",
            "example",
            "KEY_your_telnyx_api_key",
            "KEYtest123",
            "KEY_test-api-key",
            "process.env.X",
            "import.meta.env.VITE_X",
            "********",
            "gencred...",
            "eyJ...",
            "My API Key",
            "votre_cle_api",
            "dein_api_schluessel",
            "sua_chave_api",
            "ваш_ключ",
            "你的密钥",
            "sip_password",
            "sip-pass",
            "jane_sip_pass",
            "telnyx_password",
            "TELNYX_SIP_PASSWORD",
            "required|string|max:255",
            "encrypted",
            "${{ secrets.KEY }}",
            "op://vault/item",
            "ENC[AES256_GCM,data:x]",
            "$2y$10$abcdefghijkl",
            "YOUR-TELNYX-KEY",
            "yourcompanykey",
            "__TOKEN__",
            "••••••",
            "\"YOUR_KEY\"",
            "KEY0123456789",
            "KEYXXXXXXXXXXXX",
            "credentials.sipPassword",
            "webrtc_password",
            "telnyxpassword",
            "aaaaaaaa",
        ];
        for case in cases {
            assert!(is_placeholder(case), "{case}");
        }
    }

    #[test]
    fn real_values_are_not_stand_ins() {
        let cases = [
            api_key(5),
            login_jwt(),
            "Kx7#mQ2pLw9z".to_owned(),
            "hunter2".to_owned(),
            "Vertical1122".to_owned(),
            "password".to_owned(),
            "test".to_owned(),
            "secret123".to_owned(),
            "9f8a7b6c5d4e".to_owned(),
            "$ecureP4ss".to_owned(),
        ];
        for case in cases {
            assert!(!is_placeholder(&case), "{case}");
        }
    }

    #[test]
    fn dummies_are_told_from_chosen_passwords() {
        for dummy in [
            "test",
            "password",
            "secret",
            "123456",
            "demo",
            "Test1234",
            "password123!",
            "abc123",
            "testpassword",
            "aaaa",
            "12345678",
            "SuperSecret123",
            "SecurePass123!",
        ] {
            assert!(is_dummy_password(dummy), "{dummy}");
        }
        for chosen in ["hunter2", "Vertical1122", "Kx7#mQ2pLw9z", "Toxicity2225411", "8f3kq0zz1b"] {
            assert!(!is_dummy_password(chosen), "{chosen}");
        }
    }
}

//! Package names behind the specifiers that browsers and Deno load: CDN URLs, `npm:` specifiers, version suffixes.

/// The npm package (and subpath) that a specifier names, without version: `https://esm.sh/@telnyx/webrtc@2.26.1` and
/// `npm:@telnyx/webrtc@2` are `@telnyx/webrtc`. A specifier that is no URL is returned as it is.
#[must_use]
pub fn package_of(specifier: &str) -> String {
    let Some(path) = package_path(specifier) else { return specifier.to_owned() };
    let mut segments = path.split('/');
    let mut name = segments.next().unwrap_or("").to_owned();
    if name.starts_with('@')
        && let Some(second) = segments.next()
    {
        name = format!("{name}/{second}");
    }
    unversioned(&name).to_owned()
}

/// The version that a CDN URL or `npm:` specifier pins, as written; none when it takes the newest.
#[must_use]
pub fn version_of(specifier: &str) -> Option<String> {
    let path = package_path(specifier)?;
    let at = path.get(1..)?.find('@')? + 1;
    let version = path.get(at + 1..)?;
    let version = version.split(['/', '?', '#', '+']).next().unwrap_or(version);
    (!version.is_empty()).then(|| version.to_owned())
}

/// The file of the package that a CDN URL names, as the CDN serves it as it is; empty for the package's main file. None when the CDN builds
/// its own files, or when the specifier is no URL.
#[must_use]
pub fn file_of(specifier: &str) -> Option<String> {
    let served = ["unpkg.com/", "cdn.jsdelivr.net/npm/"].iter().any(|host| specifier.contains(&format!("//{host}")));
    let path = package_path(specifier).filter(|_| served)?;
    let segments = if path.starts_with('@') { 2 } else { 1 };
    let rest: Vec<&str> = path.split('/').skip(segments).collect();
    Some(rest.join("/"))
}

/// The part of a specifier that starts with the package name.
fn package_path(specifier: &str) -> Option<&str> {
    if let Some(rest) = specifier.strip_prefix("npm:").or_else(|| specifier.strip_prefix("jsr:")) {
        return Some(rest.trim_start_matches('/'));
    }
    let (_, rest) = specifier.split_once("//")?;
    let (host, path) = rest.split_once('/')?;
    let path = match host {
        "cdn.jsdelivr.net" => path.strip_prefix("npm/")?,
        "unpkg.com" | "cdn.skypack.dev" | "esm.run" | "ga.jspm.io" => path.strip_prefix("npm:").unwrap_or(path),
        "esm.sh" => {
            // Build pins: `v135/@telnyx/webrtc@2`, `stable/…`.
            let (first, rest) = path.split_once('/').unwrap_or((path, ""));
            let pinned =
                first == "stable" || first.strip_prefix('v').is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
            if pinned { rest } else { path }
        }
        _ => return None,
    };
    Some(path.split(['?', '#']).next().unwrap_or(path))
}

fn unversioned(name: &str) -> &str {
    match name.get(1..).and_then(|rest| rest.find('@')) {
        Some(at) => name.get(..=at).unwrap_or(name),
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_specifier_is_reduced_to_its_package_and_version() {
        for (specifier, package, version) in [
            ("@telnyx/webrtc", "@telnyx/webrtc", None),
            ("npm:@telnyx/webrtc@2.26.1", "@telnyx/webrtc", Some("2.26.1")),
            ("https://unpkg.com/@telnyx/webrtc", "@telnyx/webrtc", None),
            ("https://unpkg.com/@telnyx/webrtc@2.9.0/lib/bundle.js", "@telnyx/webrtc", Some("2.9.0")),
            ("https://cdn.jsdelivr.net/npm/@telnyx/webrtc@2/+esm", "@telnyx/webrtc", Some("2")),
            ("https://esm.sh/v135/@telnyx/webrtc@2.26.1?bundle", "@telnyx/webrtc", Some("2.26.1")),
            ("https://example.com/phone.js", "https://example.com/phone.js", None),
            ("npm:telnyx@5", "telnyx", Some("5")),
        ] {
            assert_eq!(package_of(specifier), package, "{specifier}");
            assert_eq!(version_of(specifier).as_deref(), version, "{specifier}");
        }
    }
}

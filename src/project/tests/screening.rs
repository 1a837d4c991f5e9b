use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Tree;
use crate::finding::NoticeKind;
use crate::project::{AnchorSet, FileKind, Project};

fn anchors(project: &Project, path: &str) -> AnchorSet {
    project.file(project.file_by_path(path).unwrap()).unwrap().anchors
}

fn specifiers<'p>(project: &'p Project, path: &str) -> Vec<&'p str> {
    project.specifiers(project.file_by_path(path).unwrap()).collect()
}

#[test]
fn anchors_are_found_in_code_and_in_text() {
    let key = format!("KEY{}", "a1".repeat(27) + "z");
    let token = format!("eyJ{0}.eyJ{0}.{0}", "abcDEF0123abcDEF0123");
    let cases = [
        ("a.ts", "import { TelnyxRTC } from '@telnyx/webrtc'".to_owned(), AnchorSet::TELNYX),
        ("b.py", "TELNYX_KEY = 1".to_owned(), AnchorSet::TELNYX),
        ("c.js", "fetch('https://api.telnyx.com/v2')".to_owned(), AnchorSet::TELNYX | AnchorSet::TELNYX_HOST),
        ("d.sh", format!("export K={key}"), AnchorSet::KEY_SHAPE),
        ("e.md", format!("`{key}`"), AnchorSet::KEY_SHAPE),
        ("f.md", format!("x{key}"), AnchorSet::EMPTY),
        ("g.md", format!("a\\n{key} %20{key}"), AnchorSet::KEY_SHAPE),
        ("h.md", key[..51].to_owned(), AnchorSet::EMPTY),
        ("n.yaml", STANDARD.encode(&key), AnchorSet::KEY_SHAPE),
        ("o.yaml", STANDARD.encode(&token[..60]), AnchorSet::JWT_SHAPE),
        ("p.yaml", STANDARD.encode(&key[..50]), AnchorSet::EMPTY),
        ("i.json", format!("{{\"t\":\"{token}\"}}"), AnchorSet::JWT_SHAPE),
        ("j.json", "{\"t\":\"eyJhbGciOiJ\"}".to_owned(), AnchorSet::EMPTY),
        ("k.js", "{ login_token: t }".to_owned(), AnchorSet::LOGIN_TOKEN),
        ("l.js", "'/v2/telephony_credentials'".to_owned(), AnchorSet::MODEL),
        ("m.js", "const keyboard = 1".to_owned(), AnchorSet::EMPTY),
    ];
    let files: Vec<(&str, &str)> = cases.iter().map(|(path, text, _)| (*path, text.as_str())).collect();
    let (project, _) = Tree::new(&files).load();
    for (path, text, expected) in &cases {
        assert_eq!(anchors(&project, path), *expected, "{path}: {text}");
    }
}

#[test]
fn markup_lists_the_imports_of_its_scripts_and_their_urls() {
    let (project, _) = Tree::new(&[
        (
            "index.html",
            "<!doctype html><!-- <script src=\"no.js\"></script> --><SCRIPT type='module' src=/src/main.ts></SCRIPT>\n\
             <script type=\"module\">import 'a'</script><script type=\"application/json\">import 'no'</script>\n\
             <p>import 'no'</p><script>const s = '</scr' + 'ipt>'; require('b')</script>",
        ),
        ("A.vue", "<template><p>Don't import 'no'</p></template>\n<script setup lang=\"ts\">\nimport x from './x'\n</script>"),
        ("B.svelte", "<script context=\"module\">import 'a'</script><script>import 'b'</script>"),
        ("C.astro", "---\nimport Layout from '../L.astro'\n---\n<Layout/><script>import 'b'</script>"),
        ("d.erb", "<%= javascript_tag do %><script>import('a')</script>"),
        ("e.twig", "<script src=\"{{ asset(\"js/app.js\") }}\" data-x='<%= a > b %>'></script><script src={% static 'b.js' %}></script>"),
    ])
    .load();
    assert_eq!(specifiers(&project, "index.html"), ["/src/main.ts", "a", "b"]);
    assert_eq!(specifiers(&project, "A.vue"), ["./x"]);
    assert_eq!(specifiers(&project, "B.svelte"), ["a", "b"]);
    assert_eq!(specifiers(&project, "C.astro"), ["../L.astro", "b"]);
    assert_eq!(specifiers(&project, "d.erb"), ["a"]);
    assert_eq!(specifiers(&project, "e.twig"), ["{{ asset(\"js/app.js\") }}", "{% static 'b.js' %}"]);
}

#[test]
fn text_in_other_encodings_is_screened() {
    let text = "import x from 'telnyx'";
    let tree = Tree::new(&[]);
    tree.write("bom.js", [b"\xEF\xBB\xBF", text.as_bytes()].concat());
    tree.write("little.js", [vec![0xFF, 0xFE], text.encode_utf16().flat_map(u16::to_le_bytes).collect()].concat());
    tree.write("big.js", [vec![0xFE, 0xFF], text.encode_utf16().flat_map(u16::to_be_bytes).collect()].concat());
    tree.write("bare.js", text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
    tree.write("latin.js", [b"// caf\xE9\n", text.as_bytes()].concat());
    tree.write("crlf.js", "'use strict'\r\nimport x from 'telnyx'\r\n");
    let (project, notices) = tree.load();
    for path in ["bom.js", "little.js", "big.js", "bare.js", "latin.js", "crlf.js"] {
        assert_eq!(anchors(&project, path), AnchorSet::TELNYX, "{path}");
        assert_eq!(specifiers(&project, path), ["telnyx"], "{path}");
    }
    assert!(notices.is_empty());
}

#[test]
fn binary_files_are_dropped_and_large_ones_noticed() {
    let tree = Tree::new(&[("a.js", "")]);
    tree.write("b.js", b"telnyx\0\x01\x02");
    tree.write("c.js", vec![b' '; (8 << 20) + 1]);
    tree.write("d.txt", vec![b' '; (8 << 20) + 1]);
    let (project, notices) = tree.load();
    assert_eq!(project.files().iter().map(|file| &*file.path).collect::<Vec<_>>(), ["a.js", "c.js", "d.txt"]);
    assert_eq!(notices.iter().map(|it| (it.path.as_deref(), it.kind)).collect::<Vec<_>>(), [(Some("c.js"), NoticeKind::TooLarge)]);
    assert!(!project.file(project.file_by_path("c.js").unwrap()).unwrap().readable);
}

#[test]
fn bundles_are_marked_and_keep_their_anchors() {
    let long = format!("var a=1;{}\n", "telnyx;".repeat(3000));
    let lines = "const value = compute(1)\n".repeat(1000);
    let (project, _) = Tree::new(&[
        ("one-line.js", &long),
        ("lib.min.js", "import 'a'"),
        ("bundle.js", &format!("{lines}//# sourceMappingURL=bundle.js.map\n")),
        ("source.js", &lines),
        ("small.js", "telnyx()"),
    ])
    .load();
    let minified: Vec<&str> = project.files().iter().filter(|file| file.minified).map(|file| &*file.path).collect();
    assert_eq!(minified, ["bundle.js", "lib.min.js", "one-line.js"]);
    assert_eq!(anchors(&project, "one-line.js"), AnchorSet::TELNYX);
}

#[test]
fn lockfiles_are_not_screened() {
    let (project, _) = Tree::new(&[("package-lock.json", "telnyx"), ("src/a.json", "{}")]).load();
    assert_eq!(anchors(&project, "package-lock.json"), AnchorSet::EMPTY);
    assert_eq!(project.file(project.file_by_path("src/a.json").unwrap()).unwrap().kind, FileKind::Json);
}

#[test]
fn the_order_of_threads_changes_nothing() {
    let files: Vec<(String, String)> =
        (0..500).map(|number| (format!("f{number}.js"), format!("import './f{}'; import 'p{}'", number + 1, number % 7))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let tree = Tree::new(&files);
    let list = |project: &Project| -> Vec<(String, Vec<String>)> {
        project.iter().map(|(id, file)| (file.path.to_string(), project.specifiers(id).map(str::to_owned).collect())).collect()
    };
    let first = list(&tree.load().0);
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(alone.install(|| list(&tree.load().0)), first);
}

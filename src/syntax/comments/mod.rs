//! Where the comments of a file are, and in which form one may be written at a place.
//!
//! Lowering drops comments; whoever reads instructions in them asks here. Only a grammar can tell a comment from a string that looks like one,
//! so that scripts and Python are parsed, markup is scanned as for lowering, and in data everything outside of the literals counts. In other
//! text the line alone decides: a comment is what stands behind the language's mark and outside of quotes.

mod data;
mod forms;
mod lines;
mod survey;

pub use forms::Form;
pub(in crate::syntax) use lines::leading;
pub(in crate::syntax) use survey::{Survey, Zone};

use super::lower::{javascript, markup, python};
use crate::project::kind::FileKind;
use crate::source::Span;

/// A comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    /// The whole comment, marks included.
    pub span: Span,
    /// What it says: without the marks and the blanks and asterisks beside them.
    pub body: Span,
    /// It stands in a sample of code in a document: text that a person may want to show, not obey.
    pub in_sample: bool,
}

/// The comments of one text.
#[derive(Debug)]
pub struct Comments<'t> {
    text: &'t str,
    survey: Survey,
    /// Whether a backslash at the end of a line takes the next line along.
    continues: bool,
    /// The comments that begin with the word that was asked for.
    found: Vec<Comment>,
}

impl<'t> Comments<'t> {
    /// Surveys the text of the file at `path`. `word` is what the comments of interest begin with.
    #[must_use]
    pub fn new(kind: FileKind, path: &str, text: &'t str, word: &str) -> Self {
        let mut survey = Survey::default();
        let mut found = Vec::new();
        let continues = match kind {
            FileKind::JavaScript => {
                javascript::survey(text, javascript::Dialect::JavaScript, &mut survey);
                false
            }
            FileKind::TypeScript => {
                javascript::survey(text, javascript::Dialect::TypeScript, &mut survey);
                false
            }
            FileKind::Tsx => {
                javascript::survey(text, javascript::Dialect::Tsx, &mut survey);
                false
            }
            FileKind::Html | FileKind::Vue | FileKind::Svelte | FileKind::Astro | FileKind::Template => {
                markup::survey(kind, text, word, &mut survey);
                false
            }
            FileKind::Python => {
                python::survey(text, &mut survey);
                true
            }
            FileKind::Json | FileKind::Dotenv | FileKind::Yaml | FileKind::Toml | FileKind::Dockerfile | FileKind::Rust => {
                data::survey(kind, path, text, word, &mut survey);
                false
            }
            FileKind::Text => {
                found = lines::survey(path, text, word, &mut survey);
                true
            }
        };
        let known = survey.comments.iter().map(|span| Comment { span: *span, body: forms::body(text, *span), in_sample: false });
        found.extend(known.filter(|comment| text.get(comment.body.range()).is_some_and(|body| body.starts_with(word))));
        found.sort_by_key(|comment| comment.span);
        Self { text, survey, continues, found }
    }

    /// The comments that begin with the word, in order.
    #[must_use]
    pub fn found(&self) -> &[Comment] {
        &self.found
    }

    /// The opening tags of a page, in order.
    #[must_use]
    pub fn tags(&self) -> &[Span] {
        &self.survey.tags
    }

    /// The form in which a comment may be written on a line of its own above what starts at `offset`, the first of its line; none where
    /// no comment can stand.
    #[must_use]
    pub fn form_at(&self, offset: u32) -> Option<Form> {
        let before = self.text.get(..offset as usize)?.trim_end_matches([' ', '\t']);
        if self.continues && before.trim_end_matches(['\n', '\r']).ends_with('\\') {
            return None;
        }
        self.survey.form_at(offset)
    }

    /// Whether nothing but comments stands on a line. `line` is its span without the line end.
    #[must_use]
    pub fn is_comment_line(&self, line: Span) -> bool {
        let Some(code) = self.text.get(line.range()) else { return false };
        let bare = code.trim().trim_start_matches('{').trim_end_matches('}').trim();
        if bare.is_empty() {
            return false;
        }
        let start = line.range().start + (bare.as_ptr() as usize).saturating_sub(code.as_ptr() as usize);
        let bare = Span::new(start, start + bare.len());
        if self.survey.comments.iter().any(|comment| comment.contains(bare)) {
            return true;
        }
        self.survey.marks.iter().any(|mark| code.trim_start().starts_with(mark))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let comments = Comments::new(FileKind::of(path.as_ref()), path, text, "note");
        comments.found().iter().map(|comment| text[comment.body.range()].to_owned()).collect()
    }

    #[test]
    fn comments_are_found_in_every_form() {
        for (path, text) in [
            ("a.js", "// note: x\nlet a"),
            ("a.js", "let a /* note: x */ = 1"),
            ("a.ts", "/**\n * note: x\n */\nlet a: string"),
            ("a.tsx", "const a = <p>\n  {/* note: x */}\n  <b/>\n</p>"),
            ("a.tsx", "const a = <p\n  // note: x\n  b=\"c\" />"),
            ("a.js", "broken( {\n// note: x\n"),
            ("a.html", "<p>\n<!-- note: x -->\n</p>"),
            ("a.html", "<script>\n// note: x\nlet a\n</script>"),
            ("a.vue", "<template>\n  <!-- note: x -->\n</template>\n<script setup lang=\"ts\">let a: string</script>"),
            ("a.vue", "<template/>\n<script setup lang=\"ts\">\n/* note: x */\nlet a: string</script>"),
            ("a.svelte", "{#if a}\n  <!-- note: x -->\n  <p/>\n{/if}"),
            ("a.astro", "---\n// note: x\nconst a = 1\n---\n<p/>"),
            ("a.astro", "---\n---\n<p>\n{/* note: x */}\n</p>"),
            ("a.php", "<?php\n// note: x\n$a = 'b';"),
            ("a.php", "<?php\n# note: x\n$a = 'b';"),
            ("a.php", "<p><!-- note: x --></p><?php echo 1 ?>"),
            ("a.blade.php", "{{-- note: x --}}\n<p>{{ $a }}</p>"),
            ("a.hbs", "{{!-- note: x --}}\n<p>{{a}}</p>"),
            ("a.erb", "<%# note: x %>\n<p><%= a %></p>"),
            ("a.twig", "{% if a %}{# note: x #}{% endif %}"),
            ("a.py", "# note: x\na = 1"),
            ("a.py", "a = [\n  # note: x\n  1]"),
            (".env", "A=b # note: x"),
            (".env", "# note: x\nA=b"),
            ("a.yml", "a: b # note: x"),
            ("a.yml", "# note: x\na:\n  - b"),
            ("a.toml", "a = 'b' # note: x"),
            ("a.jsonc", "{ // note: x\n\"a\": 1 }"),
            ("tsconfig.json", "{ /* note: x */ \"a\": 1 }"),
            ("Dockerfile", "FROM x\n# note: x\nENV A=b"),
            ("a.sh", "export A=b # note: x"),
            ("a.go", "var a = 1 // note: x"),
            ("a.sql", "select 1 -- note: x"),
            ("a.ini", "; note: x\na=b"),
            ("a.xml", "<a>\n<!-- note: x -->\n</a>"),
            ("a.md", "<!-- note: x -->\ntext"),
            ("a.rb", "a = 'b' # note: x"),
            ("a.bat", "REM note: x\nset A=b"),
            ("a.rs", "// note: x\nconst A: &str = \"b\";"),
        ] {
            assert_eq!(found(path, text), ["note: x"], "{path}: {text}");
        }
    }

    #[test]
    fn strings_and_text_are_no_comments() {
        for (path, text) in [
            ("a.js", "let a = '// note: x'"),
            ("a.js", "let a = `\n// note: x\n`"),
            ("a.js", "let a = /\\/\\/ note: x/"),
            ("a.tsx", "const a = <p>// note: x</p>"),
            ("a.tsx", "const a = <p b=\"/* note: x */\" />"),
            ("a.js", "// see note: x"),
            ("a.html", "<p title=\"<!-- note: x -->\">// note: x</p>"),
            ("a.html", "<script>let a = '<!-- note: x -->'</script>"),
            ("a.html", "<textarea><!-- note: x --></textarea>"),
            ("a.vue", "<template><p>/* note: x */</p></template>"),
            ("a.php", "<?php $a = '// note: x';"),
            ("a.py", "a = '# note: x'"),
            ("a.py", "a = '''\n# note: x\n'''"),
            (".env", "A=\"b # note: x\""),
            (".env", "A=\"b\n# note: x\n\""),
            ("a.yml", "a: 'b # note: x'"),
            ("a.yml", "a: |\n  # note: x\n  b"),
            ("a.toml", "a = '''\n# note: x\n'''"),
            ("a.json", "{ \"a\": \"// note: x\" }"),
            ("Dockerfile", "RUN echo # note: x"),
            ("a.sh", "echo '# note: x'"),
            ("a.go", "var a = \"// note: x\""),
            ("a.rs", "const A: &str = r#\"\n// note: x\n\"#;"),
            ("a.md", "Write `// note: x` above"),
            ("a.md", "// note: x"),
            ("a.txt", "a note: x"),
        ] {
            assert!(found(path, text).is_empty(), "{path}: {text}");
        }
    }

    #[test]
    fn samples_in_documents_are_told_apart() {
        let text = "```js\n// note: x\nlet a\n```\n";
        let comments = Comments::new(FileKind::Text, "a.md", text, "note");
        assert_eq!(comments.found().iter().map(|comment| comment.in_sample).collect::<Vec<_>>(), [true]);
    }

    /// The form at the place marked `¦`.
    fn form(path: &str, text: &str) -> Option<Form> {
        let at = text.find('¦').unwrap();
        let text = text.replace('¦', "");
        Comments::new(FileKind::of(path.as_ref()), path, &text, "note").form_at(u32::try_from(at).unwrap())
    }

    #[test]
    fn the_form_fits_the_place() {
        for (path, text, expected) in [
            ("a.js", "¦let a", Some(Form::Slashes)),
            ("a.js", "let a = {\n  ¦b: 1 }", Some(Form::Slashes)),
            ("a.js", "let a = `\n  ¦b`", None),
            ("a.js", "let a = `${\n  ¦b}`", Some(Form::Slashes)),
            ("a.js", "/*\n ¦x */", None),
            ("a.tsx", "let a = (\n  ¦<p/>)", Some(Form::Slashes)),
            ("a.tsx", "let a = <p>\n  ¦<b/>\n</p>", Some(Form::Braced)),
            ("a.tsx", "let a = <p>\n  text\n  ¦{b}\n</p>", Some(Form::Braced)),
            ("a.tsx", "let a = <p>\n  {b && (\n  ¦<b/>)}\n</p>", Some(Form::Slashes)),
            ("a.tsx", "let a = <p\n  ¦b=\"c\" />", Some(Form::Slashes)),
            ("a.tsx", "let a = <p\n  b=\"\n  ¦c\" />", None),
            ("a.html", "<p>\n¦<b>x</b></p>", Some(Form::Markup)),
            ("a.html", "<p\n  ¦title=\"x\">", None),
            ("a.html", "<script>\n¦let a\n</script>", Some(Form::Slashes)),
            ("a.html", "<script>let a = `\n¦`</script>", None),
            ("a.html", "<script type=\"application/json\">\n¦{}\n</script>", None),
            ("a.html", "<style>\n¦p {}\n</style>", None),
            ("a.vue", "¦<script setup>let a</script>", Some(Form::Markup)),
            ("a.astro", "---\n¦const a = 1\n---\n<p/>", Some(Form::Slashes)),
            ("a.php", "<?php\n¦$a = 'b';", Some(Form::Slashes)),
            ("a.php", "<?php $a ?>\n¦<p>", Some(Form::Markup)),
            ("a.py", "¦a = 1", Some(Form::Hash)),
            ("a.py", "a = 1 + \\\n  ¦2", None),
            ("a.py", "a = '''\n¦b'''", None),
            ("a.yml", "a:\n  ¦b: c", Some(Form::Hash)),
            ("a.yml", "a: |\n  b\n  ¦c", None),
            (".env", "A=b\n¦C=d", Some(Form::Hash)),
            (".env", "A=\"b\n¦c\"", None),
            ("a.toml", "a = '''\n¦b'''", None),
            ("Dockerfile", "ENV A=b \\\n  ¦C=d", Some(Form::Hash)),
            ("a.json", "{\n¦\"a\": 1 }", None),
            ("a.jsonc", "{\n¦\"a\": 1 }", Some(Form::Slashes)),
            ("a.go", "¦var a = 1", Some(Form::Slashes)),
            ("a.sh", "¦export A=b", Some(Form::Hash)),
            ("a.sh", "run \\\n  ¦--key b", None),
            ("a.xml", "<a>\n  ¦<b/></a>", Some(Form::Xml)),
            ("a.txt", "¦a", None),
            ("a.md", "¦a", Some(Form::Markup)),
            ("a.md", "```sh\n¦a\n```", Some(Form::Hash)),
            ("a.sql", "¦select 1", Some(Form::Dashes)),
        ] {
            assert_eq!(form(path, text), expected, "{path}: {text}");
        }
    }
}

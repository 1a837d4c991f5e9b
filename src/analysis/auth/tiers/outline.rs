//! The outline of a YAML file: keys by indentation, as far as the function lists of Lambda frameworks need it.
//!
//! No YAML reader: anchors, multi-line texts and tags are not understood, and what is not understood is left out. `serverless.yml` and SAM
//! templates are full of tags (`!Ref`, `${self:…}`) that a strict reader would stop at, and only keys and plain values are asked for.

use std::ops::Range;

/// More lines than this are not read.
const LINES: usize = 8_000;

/// One `key: value`.
#[derive(Debug)]
struct Line {
    indent: usize,
    key: String,
    value: String,
}

/// The keys of a file in order, with their indentation.
#[derive(Debug, Default)]
pub(super) struct Outline {
    lines: Vec<Line>,
}

/// The lines below a key.
pub(super) type Block = Range<usize>;

impl Outline {
    /// Reads a text.
    pub(super) fn parse(text: &str) -> Self {
        let mut lines = Vec::new();
        for line in text.lines().take(LINES) {
            let content = line.trim_start();
            let mut indent = line.len() - content.len();
            let mut content = content;
            // An item of a list stands as deep as its dash, its further keys one step deeper.
            while let Some(item) = content.strip_prefix("- ") {
                let rest = item.trim_start();
                indent += content.len() - rest.len();
                content = rest;
            }
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            let (key, value) = content.split_once(':').map_or((content, ""), |(key, value)| (key, value));
            let value = value.split(" #").next().unwrap_or(value);
            let plain = |text: &str| text.trim().trim_matches(['"', '\'']).to_owned();
            // `{ path: token, method: post }` is spread out as if it stood on lines of its own.
            if let Some(inside) = value.trim().strip_prefix('{').and_then(|inside| inside.strip_suffix('}')) {
                lines.push(Line { indent, key: plain(key), value: String::new() });
                let pairs = inside.split(',').filter_map(|pair| pair.split_once(':'));
                lines.extend(pairs.map(|(key, value)| Line { indent: indent + 1, key: plain(key), value: plain(value) }));
                continue;
            }
            lines.push(Line { indent, key: plain(key), value: plain(value) });
        }
        Self { lines }
    }

    /// The whole file.
    pub(super) fn whole(&self) -> Block {
        0..self.lines.len()
    }

    /// The blocks below a key of the file's first level.
    pub(super) fn below(&self, key: &str) -> Vec<Block> {
        let top = self.lines.iter().enumerate().filter(|(_, line)| line.indent == 0 && line.key == key);
        top.flat_map(|(at, _)| self.children(self.block_of(at))).collect()
    }

    /// The lines that stand deeper than the one at `at`, right below it.
    fn block_of(&self, at: usize) -> Block {
        let indent = self.lines.get(at).map_or(0, |line| line.indent);
        let inside = self.lines.iter().skip(at + 1).take_while(|line| line.indent > indent).count();
        at + 1..at + 1 + inside
    }

    /// The blocks of the keys that stand one level below.
    fn children(&self, block: Block) -> Vec<Block> {
        let Some(indent) = self.lines.get(block.start).map(|line| line.indent) else { return Vec::new() };
        let keys = block.filter(|at| self.lines.get(*at).is_some_and(|line| line.indent == indent));
        keys.map(|at| self.block_of(at)).collect()
    }

    fn lines_in(&self, block: &Block) -> &[Line] {
        self.lines.get(block.clone()).unwrap_or_default()
    }

    /// The first value of one of the keys, at any depth of a block.
    pub(super) fn value(&self, block: &Block, keys: &[&str]) -> Option<&str> {
        self.lines_in(block).iter().find(|line| keys.contains(&&*line.key) && !line.value.is_empty()).map(|line| line.value.as_str())
    }

    /// Whether one of the keys stands in a block, with or without a value.
    pub(super) fn has(&self, block: &Block, keys: &[&str]) -> bool {
        self.lines_in(block).iter().any(|line| keys.contains(&&*line.key))
    }

    /// Methods and paths of the HTTP events of a function: `http: POST /token`, `path: token` beside `method: post`.
    pub(super) fn events(&self, block: &Block) -> Vec<(String, String)> {
        let mut events = Vec::new();
        let (mut method, mut path) = (None, None);
        for line in self.lines_in(block) {
            match &*line.key {
                "http" | "httpApi" => {
                    (method, path) = (None, None);
                    if let Some((method, path)) = line.value.split_once(' ') {
                        events.push((method.to_owned(), path.trim().to_owned()));
                    }
                }
                "path" | "Path" => path = Some(line.value.clone()),
                "method" | "Method" => method = Some(line.value.clone()),
                _ => {}
            }
            if let (Some(known), Some(at)) = (&method, &path) {
                events.push((known.clone(), at.clone()));
                (method, path) = (None, None);
            }
        }
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_both_frameworks_are_read() {
        let serverless = Outline::parse(
            "service: x\nfunctions:\n  token: # mints\n    handler: src/token.handler\n    events:\n      - http:\n          path: /token\n          method: post\n          authorizer: check\n      - httpApi: 'GET /open'\n  other:\n    handler: src/other.handler\n    events:\n      - http: { path: x, method: get }\n",
        );
        let blocks = serverless.below("functions");
        let found: Vec<_> = blocks.iter().map(|block| (serverless.value(block, &["handler"]), serverless.events(block))).collect();
        let event = |method: &str, path: &str| (method.to_owned(), path.to_owned());
        assert_eq!(
            found,
            vec![
                (Some("src/token.handler"), vec![event("post", "/token"), event("GET", "/open")]),
                (Some("src/other.handler"), vec![event("get", "x")]),
            ]
        );
        assert_eq!(blocks.iter().map(|block| serverless.has(block, &["authorizer"])).collect::<Vec<_>>(), [true, false]);
        let sam = Outline::parse(
            "Resources:\n  Token:\n    Type: AWS::Serverless::Function\n    Properties:\n      Handler: token.handler\n      CodeUri: src/\n      Events:\n        Api:\n          Type: Api\n          Properties:\n            Path: /token\n            Method: post\n            Auth:\n              Authorizer: NONE\n",
        );
        let blocks = sam.below("Resources");
        assert_eq!(
            blocks.iter().map(|block| (sam.value(block, &["CodeUri"]), sam.value(block, &["Authorizer"]))).collect::<Vec<_>>(),
            [(Some("src/"), Some("NONE"))]
        );
        assert_eq!(blocks.iter().flat_map(|block| sam.events(block)).collect::<Vec<_>>(), [event("post", "/token")]);
    }
}

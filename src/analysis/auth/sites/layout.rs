//! Lines, margins, commas, and how a file is written.

use crate::analysis::edit_sites::{CodeStyle, Slot};
use crate::analysis::unit::Unit;
use crate::hir::visit::Node;
use crate::hir::{ExprKind, FunctionBody, Language, Literal, StmtKind};
use crate::source::Span;

/// How many blocks are looked at for the width of an indentation.
const BLOCKS: usize = 64;
/// Wider indentations are alignments.
const WIDEST: usize = 8;

impl Unit {
    /// Whether fixes of ECMAScript can be written into the file.
    pub(super) fn is_script_like(&self) -> bool {
        matches!(self.module.language, Language::JavaScript | Language::TypeScript | Language::Tsx | Language::Markup)
    }

    /// How the file is written, by the majority of what it does.
    pub(super) fn style(&self) -> CodeStyle {
        let text = &*self.source.text;
        let (mut single, mut double) = (0usize, 0usize);
        let mut count = |span: Span| match text.as_bytes().get(span.start as usize) {
            Some(b'\'') => single += 1,
            Some(b'"') => double += 1,
            _ => {}
        };
        self.module.imports.iter().for_each(|import| count(import.specifier_span));
        for expr in &self.module.exprs {
            if matches!(expr.kind, ExprKind::Literal(Literal::String(_))) {
                count(expr.span);
            }
        }
        let (mut ended, mut open) = (0usize, 0usize);
        for statement in &self.module.stmts {
            let plain = matches!(statement.kind, StmtKind::Expr(_) | StmtKind::Declare { .. } | StmtKind::Return(_) | StmtKind::Throw(_));
            if plain && self.source.slice(statement.span).ends_with(';') {
                ended += 1;
            } else if plain {
                open += 1;
            }
        }
        CodeStyle {
            quote: if double > single { '"' } else { '\'' },
            // A file that says nothing is a short one; most code has them.
            semicolons: ended >= open,
            indent: self.indentation().unwrap_or("  ").to_owned(),
            newline: if text.contains("\r\n") { "\r\n" } else { "\n" },
            typescript: self.is_typescript(),
        }
    }

    /// By how much the first statement of some function is further in than the line that the function starts on.
    fn indentation(&self) -> Option<&str> {
        let blocks = self.module.functions.iter().filter_map(|function| match &function.body {
            Some(FunctionBody::Block(body)) => Some((function.span, *body.first()?)),
            _ => None,
        });
        blocks.take(BLOCKS).find_map(|(outer, first)| {
            let inner = self.module[first].span;
            let own_line = self.is_first_on_line(inner.start);
            let more = self.margin(inner.start).strip_prefix(self.margin(outer.start))?;
            (own_line && !more.is_empty() && more.len() <= WIDEST).then_some(more)
        })
    }

    fn is_typescript(&self) -> bool {
        match self.module.language {
            Language::TypeScript | Language::Tsx => true,
            Language::Markup => self.module.programs.iter().any(|program| {
                let before = self.source.text.get(..program.span.start as usize).unwrap_or("");
                let tag = before.rsplit_once('<').map_or("", |(_, tag)| tag);
                tag.contains("lang=\"ts") || tag.contains("lang='ts")
            }),
            _ => false,
        }
    }

    /// The first byte at or behind a place that is neither blank nor part of a comment, and its place.
    pub(super) fn next_token(&self, at: u32) -> Option<(u8, u32)> {
        let mut at = at as usize;
        loop {
            let rest = self.source.text.get(at..)?;
            let trimmed = rest.trim_start();
            at += rest.len() - trimmed.len();
            if trimmed.starts_with("//") {
                at += trimmed.find('\n')?;
            } else if let Some(comment) = trimmed.strip_prefix("/*") {
                at += 4 + comment.find("*/")?;
            } else {
                return Some((*trimmed.as_bytes().first()?, Span::new(at, at).start));
            }
        }
    }

    /// The blanks at the start of the line that a place stands on.
    pub(super) fn margin(&self, at: u32) -> &str {
        let line = self.source.slice(self.source.line_span(self.source.line_of(at)));
        line.get(..line.len() - line.trim_start_matches([' ', '\t']).len()).unwrap_or("")
    }

    /// Where the line of a place starts.
    pub(super) fn line_start(&self, at: u32) -> u32 {
        self.source.line_span(self.source.line_of(at)).start
    }

    /// Whether only blanks stand before a place on its line.
    pub(super) fn is_first_on_line(&self, at: u32) -> bool {
        let start = self.line_start(at);
        self.source.slice(Span { start, end: at }).trim().is_empty()
    }

    /// Where the line ends, when nothing stands behind a place on it but blanks and a comment to its end; and whether there is a comment.
    pub(super) fn rest_of_line(&self, at: u32) -> Option<(u32, bool)> {
        let end = self.source.line_span(self.source.line_of(at)).end;
        let rest = self.source.slice(Span { start: at, end }).trim();
        (rest.is_empty() || rest.starts_with("//")).then_some((end, !rest.is_empty()))
    }

    /// Where the next line starts.
    pub(super) fn next_line(&self, at: u32) -> u32 {
        let line = self.source.line_of(at);
        if line >= self.source.line_count() {
            return Span::new(self.source.text.len(), self.source.text.len()).start;
        }
        self.source.line_span(line + 1).start
    }

    /// A text of the file for another margin: what its lines but the first have in common with the old one is left out.
    ///
    /// None when a template string goes over several lines: its blanks are part of it.
    pub(super) fn portable(&self, span: Span) -> Option<String> {
        let text = self.source.slice(span);
        if !text.contains('\n') {
            return Some(text.to_owned());
        }
        let spans_lines = |expr: &crate::hir::Expr| {
            matches!(expr.kind, ExprKind::Template { .. }) && span.contains(expr.span) && self.source.slice(expr.span).contains('\n')
        };
        if self.module.exprs.iter().any(spans_lines) {
            return None;
        }
        let margin = self.margin(span.start);
        let lines: Vec<&str> = text
            .lines()
            .enumerate()
            .map(|(index, line)| if index == 0 { line } else { line.strip_prefix(margin).unwrap_or(line) })
            .collect();
        Some(lines.join("\n"))
    }

    /// A slot for a statement before the one that a node stands in; none where no list of statements is.
    pub(super) fn statement_slot(&self, node: Node) -> Option<Slot> {
        let statement = self.parents.enclosing_stmt(node)?;
        let start = self.module[statement].span.start;
        if !self.is_in_list(statement) || !self.is_first_on_line(start) {
            return None;
        }
        let newline = if self.source.text.contains("\r\n") { "\r\n" } else { "\n" };
        let at = self.at(Span { start, end: start });
        Some(Slot { at, before: String::new(), after: format!("{newline}{}", self.margin(start)) })
    }

    /// Whether other statements can stand before and behind a statement.
    pub(super) fn is_in_list(&self, statement: crate::hir::StmtId) -> bool {
        match self.parents.parent(Node::Stmt(statement)) {
            None | Some(Node::Function(_)) => true,
            Some(Node::Stmt(outer)) => match &self.module[outer].kind {
                StmtKind::Block(_) => true,
                StmtKind::Switch { cases, .. } => cases.iter().any(|(_, body)| body.contains(&statement)),
                _ => false,
            },
            Some(_) => false,
        }
    }
}

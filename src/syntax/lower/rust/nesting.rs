//! Refuses trees that would be too deep for the stack, before `syn` builds them.
//!
//! `syn` recurses with brackets, with chains of operators (`a = b = c`, `!!x`, `|| ||`) and with `else if`; dropping its trees recurses with
//! chains of calls. The tokens themselves are a tree that takes no recursion to make: each list of tokens can nest no deeper than it has
//! tokens between two separators, so the sum of those along the way down bounds every tree that can come of them.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};

/// How deep a tree may become. Code that people write stays below 700; long chains and tables come near.
const MOST: usize = 3_000;

/// The first token that is too deep.
pub(super) fn too_deep(tokens: &TokenStream) -> Option<Span> {
    // Each list with how deep it is already.
    let mut open = vec![(tokens.clone(), 0_usize)];
    while let Some((list, depth)) = open.pop() {
        let mut run = 0;
        let mut after_block = false;
        // Attributes, which comments of documentation are too, stand in a row and nest nothing.
        let mut attribute = false;
        for token in list {
            if attribute {
                match &token {
                    TokenTree::Punct(punct) if punct.as_char() == '!' => continue,
                    TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => {
                        open.push((group.stream(), depth + run));
                        attribute = false;
                        continue;
                    }
                    _ => attribute = false,
                }
            }
            if matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#') {
                attribute = true;
                continue;
            }
            let goes_on = matches!(&token, TokenTree::Ident(word) if word == "else");
            // What follows a block is a statement or item of its own, but for `else` and what is called on the block.
            if after_block && !goes_on && !matches!(&token, TokenTree::Punct(punct) if matches!(punct.as_char(), '.' | '?')) {
                run = 0;
            }
            after_block = false;
            match &token {
                TokenTree::Punct(punct) if matches!(punct.as_char(), ',' | ';') => run = 0,
                TokenTree::Group(group) => {
                    run += 1;
                    after_block = group.delimiter() == Delimiter::Brace;
                    open.push((group.stream(), depth + run));
                }
                _ => run += 1,
            }
            if depth + run > MOST {
                return Some(token.span());
            }
        }
    }
    None
}

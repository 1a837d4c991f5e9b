//! Nesting: the parent of every node of a module, and what follows from it.
//!
//! One walk numbers the nodes in source order. A node's number and the number after its last descendant bracket its
//! subtree, so containment is two comparisons. All tables are indexed by a dense number over the five arenas.

use crate::hir::visit::{self, Node};
use crate::hir::{ClassId, ClassMemberKind, FunctionId, FunctionKind, Language, Module, StmtId};
use crate::source::Span;

/// The nesting of a module's nodes.
#[derive(Debug)]
pub struct Parents {
    /// First dense index of expressions, patterns, statements, functions, classes.
    bases: [usize; 5],
    entries: Vec<Entry>,
    /// Every reachable node in source order.
    order: Vec<Node>,
    /// The number of the first node of each program.
    program_starts: Vec<u32>,
    /// How many nodes belong to programs; the rest stand in markup, data or export lists.
    program_end: u32,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    parent: Option<Node>,
    function: Option<FunctionId>,
    class: Option<ClassId>,
    start: u32,
    end: u32,
}

/// Stands for "not reached": a node that no other node contains.
const UNREACHED: u32 = u32::MAX;

/// Whose `this` it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ThisOwner {
    /// An instance of the class: in its methods, accessors, constructor and field initialisers.
    Instance(ClassId),
    /// The class itself: in its static members.
    Static(ClassId),
    /// Whatever the function, which is no class member, is called on.
    Function(FunctionId),
}

impl Parents {
    /// Walks a module.
    #[must_use]
    pub fn of(module: &Module) -> Self {
        let sizes = [module.exprs.len(), module.pats.len(), module.stmts.len(), module.functions.len(), module.classes.len()];
        let mut bases = [0; 5];
        let mut total = 0;
        for (base, size) in bases.iter_mut().zip(sizes) {
            *base = total;
            total += size;
        }
        let empty = Entry { parent: None, function: None, class: None, start: UNREACHED, end: UNREACHED };
        let mut parents =
            Self { bases, entries: vec![empty; total], order: Vec::with_capacity(total), program_starts: Vec::new(), program_end: 0 };
        let mut work = Vec::new();
        for program in &module.programs {
            parents.program_starts.push(parents.next());
            for stmt in &program.body {
                parents.walk(module, Node::Stmt(*stmt), &mut work);
            }
        }
        parents.program_end = parents.next();
        let mut rest = Vec::new();
        visit::roots(module, &mut |node| rest.push(node));
        for node in rest {
            parents.walk(module, node, &mut work);
        }
        parents
    }

    fn next(&self) -> u32 {
        u32::try_from(self.order.len()).unwrap_or(UNREACHED)
    }

    fn walk(&mut self, module: &Module, root: Node, work: &mut Vec<Step>) {
        work.push(Step::Enter(root, None));
        while let Some(step) = work.pop() {
            match step {
                Step::Enter(node, parent) => {
                    if self.enter(node, parent) {
                        work.push(Step::Leave(node));
                        let start = work.len();
                        visit::children(module, node, &mut |child| work.push(Step::Enter(child, Some(node))));
                        if let Some(added) = work.get_mut(start..) {
                            added.reverse();
                        }
                    }
                }
                Step::Leave(node) => {
                    let end = self.next();
                    if let Some(entry) = self.entry_mut(node) {
                        entry.end = end;
                    }
                }
            }
        }
    }

    /// Numbers a node; false when it has a place already (an exported expression that is also a statement).
    fn enter(&mut self, node: Node, parent: Option<Node>) -> bool {
        let outer = parent.and_then(|parent| self.entry(parent).copied());
        let function = match parent {
            Some(Node::Function(id)) => Some(id),
            _ => outer.and_then(|outer| outer.function),
        };
        let class = match parent {
            Some(Node::Class(id)) => Some(id),
            _ => outer.and_then(|outer| outer.class),
        };
        let start = self.next();
        match self.entry_mut(node) {
            Some(entry) if entry.start == UNREACHED => *entry = Entry { parent, function, class, start, end: UNREACHED },
            _ => return false,
        }
        self.order.push(node);
        true
    }

    fn dense(&self, node: Node) -> usize {
        let [exprs, pats, stmts, functions, classes] = self.bases;
        match node {
            Node::Expr(id) => exprs + id.index(),
            Node::Pat(id) => pats + id.index(),
            Node::Stmt(id) => stmts + id.index(),
            Node::Function(id) => functions + id.index(),
            Node::Class(id) => classes + id.index(),
        }
    }

    fn entry(&self, node: Node) -> Option<&Entry> {
        self.entries.get(self.dense(node))
    }

    fn entry_mut(&mut self, node: Node) -> Option<&mut Entry> {
        let index = self.dense(node);
        self.entries.get_mut(index)
    }

    /// The node around `node`; none for the roots of the module.
    #[must_use]
    pub fn parent(&self, node: Node) -> Option<Node> {
        self.entry(node)?.parent
    }

    /// The nodes around `node`, innermost first, without `node` itself.
    pub fn ancestors(&self, node: Node) -> impl Iterator<Item = Node> + '_ {
        std::iter::successors(self.parent(node), |node| self.parent(*node))
    }

    /// The function whose parameters or body contain `node`; for a function, the one around it.
    #[must_use]
    pub fn enclosing_function(&self, node: Node) -> Option<FunctionId> {
        self.entry(node)?.function
    }

    /// The class that contains `node` (its heritage and decorators included); for a class, the one around it.
    #[must_use]
    pub fn enclosing_class(&self, node: Node) -> Option<ClassId> {
        self.entry(node)?.class
    }

    /// The innermost statement that `node` is or stands in.
    #[must_use]
    pub fn enclosing_stmt(&self, node: Node) -> Option<StmtId> {
        std::iter::successors(Some(node), |node| self.parent(*node)).find_map(|node| match node {
            Node::Stmt(id) => Some(id),
            _ => None,
        })
    }

    /// Whether `node` is `ancestor` or stands inside it.
    #[must_use]
    pub fn is_within(&self, node: Node, ancestor: Node) -> bool {
        match (self.entry(node), self.entry(ancestor)) {
            (Some(inner), Some(outer)) => inner.start != UNREACHED && outer.start <= inner.start && inner.start < outer.end,
            _ => false,
        }
    }

    /// The index into [`Module::programs`] of the script region that `node` stands in; none for markup attributes, data
    /// and export lists.
    #[must_use]
    pub fn program(&self, node: Node) -> Option<usize> {
        let start = self.entry(node)?.start;
        if start >= self.program_end {
            return None;
        }
        self.program_starts.partition_point(|first| *first <= start).checked_sub(1)
    }

    /// Every node of the module in source order, a node before its children.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.order
    }

    /// Whose `this` an expression at `node` would be; none at the top of a script region.
    #[must_use]
    pub fn this_owner(&self, module: &Module, node: Node) -> Option<ThisOwner> {
        let mut inner = node;
        // What a class evaluates in the scope around it (heritage, decorators, computed keys) has the outer `this`.
        for outer in self.ancestors(node) {
            match (outer, inner) {
                (Node::Class(class), inner) => {
                    if let Some(owner) = member_owner(module, class, inner) {
                        return Some(owner);
                    }
                }
                (Node::Function(function), _) if module[function].kind != FunctionKind::Arrow => {
                    match self.parent(outer) {
                        Some(Node::Class(class)) => return member_owner(module, class, outer),
                        // `self` is an ordinary name, which functions inside of a method see.
                        _ if module.language == Language::Python => {}
                        _ => return Some(ThisOwner::Function(function)),
                    }
                }
                _ => {}
            }
            inner = outer;
        }
        None
    }
}

enum Step {
    Enter(Node, Option<Node>),
    Leave(Node),
}

/// The `this` of a class member's own code, given the direct child of the class that holds it.
fn member_owner(module: &Module, class: ClassId, child: Node) -> Option<ThisOwner> {
    let start = span_of(module, child).start;
    let members = &module[class].members;
    // Members stand in source order.
    let member = members.partition_point(|member| member.span.start <= start).checked_sub(1).and_then(|index| members.get(index))?;
    let own = match (&member.kind, child) {
        (ClassMemberKind::Method(function), Node::Function(child)) => *function == child,
        (ClassMemberKind::Field(Some(value)), Node::Expr(child)) => *value == child,
        (ClassMemberKind::StaticBlock(_), Node::Stmt(_)) => return Some(ThisOwner::Static(class)),
        _ => false,
    };
    match (own, member.is_static) {
        (false, _) => None,
        (true, true) => Some(ThisOwner::Static(class)),
        (true, false) => Some(ThisOwner::Instance(class)),
    }
}

fn span_of(module: &Module, node: Node) -> Span {
    match node {
        Node::Expr(id) => module[id].span,
        Node::Pat(id) => module[id].span,
        Node::Stmt(id) => module[id].span,
        Node::Function(id) => module[id].span,
        Node::Class(id) => module[id].span,
    }
}

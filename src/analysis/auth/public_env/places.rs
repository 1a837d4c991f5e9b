//! The places where a public name is given a secret.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{Used, literal, role_of};
use crate::analysis::auth::Builder;
use crate::analysis::auth::inlined::Inlined;
use crate::analysis::model::{EntryRead, EntryValue, FoundSecret, PublicEntry};
use crate::analysis::unit::Unit;
use crate::catalog::Catalog;
use crate::catalog::bundlers::{Bundlers, Container, Pair};
use crate::finding::{Confidence, ZoneKind};
use crate::hir::visit::Node;
use crate::hir::{ExprId, ExprKind, Literal, Name, Property, PropertyKey};
use crate::project::{AnchorSet, FileKind};
use crate::secrets::names::{NameRole, names_vendor, secret_role};
use crate::secrets::placeholder::{is_dummy_password, is_placeholder};
use crate::source::{Location, Span};

/// Larger data files are no configuration that a person wrote, in bytes.
const LARGEST: u32 = 1 << 18;
/// How deep objects are looked into.
const DEPTH: usize = 24;
/// A token or client secret without a form of its own is at least this long.
const SHORTEST: usize = 16;

/// A place that sets a public name.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) name: Name,
    pub(super) what: NameRole,
    pub(super) at: Location,
    pub(super) shipped_by: String,
    pub(super) value: EntryValue,
    pub(super) ignored: bool,
    pub(super) development_only: bool,
}

impl Place {
    /// The secret itself stands there, for everyone with the repository.
    pub(super) fn is_tracked_literal(&self) -> bool {
        matches!(self.value, EntryValue::Literal { .. }) && !self.ignored
    }

    /// Which of several places of one name stands for them: the one that has to be changed first.
    pub(super) fn rank(&self) -> u8 {
        match self.value {
            EntryValue::Literal { .. } if !self.ignored => 0,
            EntryValue::Reference => 1,
            EntryValue::Literal { .. } => 2,
        }
    }

    pub(super) fn entry(self, reads: Vec<EntryRead>) -> PublicEntry {
        PublicEntry {
            name: self.name.to_string(),
            what: self.what,
            at: self.at,
            shipped_by: self.shipped_by,
            value: self.value,
            ignored: self.ignored,
            development_only: self.development_only,
            elsewhere: Vec::new(),
            reads,
        }
    }
}

/// What a file is to its entries.
struct Setting<'a> {
    catalog: &'a Catalog,
    unit: &'a Unit,
    /// The secrets that were found in its text.
    secrets: Vec<&'a FoundSecret>,
    /// It shows what a real one would look like.
    is_example: bool,
    ignored: bool,
    development_only: bool,
    inlined: &'a Inlined,
    /// The folder of its package.
    folder: &'a str,
}

impl Builder<'_> {
    /// Every place that sets a public name to a secret. `used`: what clients take variables for.
    pub(super) fn places(&self, used: &Used, secrets: &[FoundSecret]) -> Vec<Place> {
        let mut places = Vec::new();
        let bundlers = &self.workspace.catalog.bundlers;
        let data = self.workspace.project.iter().filter(|(_, file)| {
            let is_named = file.anchors.intersects(AnchorSet::TELNYX) || (file.kind == FileKind::Dotenv && !used.is_empty());
            file.kind.is_data() && is_named && file.readable && !file.lockfile && file.size <= LARGEST
        });
        let mut files: Vec<_> = data.collect();
        let replacing = self.replacing_files(bundlers);
        let built_in = bundlers.replacements.container();
        let is_config = |path: &str| bundlers.of(path).next().is_some() || replacing.contains(path);
        files.extend(
            self.workspace
                .anchored()
                .iter()
                .filter_map(|id| Some((*id, self.workspace.project.file(*id)?)))
                .filter(|(_, file)| is_config(&file.path)),
        );
        for (id, file) in files {
            let Some(unit) = self.workspace.unit(id) else { continue };
            if self.zones.zone_of(id).kind == ZoneKind::Development {
                continue;
            }
            let name = file.path.rsplit('/').next().unwrap_or(&file.path);
            let setting = Setting {
                catalog: self.catalog,
                unit,
                secrets: secrets.iter().filter(|secret| secret.at.file == id).collect(),
                is_example: ["example", "sample", "template", ".dist", "defaults"].iter().any(|word| name.contains(word)),
                ignored: file.ignored,
                development_only: ["development", "test", "e2e"].iter().any(|word| name.contains(&format!(".env.{word}"))),
                inlined: &self.inlined,
                folder: self.workspace.project.package_of(id).map_or("", |package| &package.folder),
            };
            if file.kind.is_data() {
                variables(&setting, used, &mut places);
            }
            for container in bundlers.of(&file.path) {
                values(&setting, container, &mut places);
            }
            if replacing.contains(&*file.path) {
                values(&setting, &built_in, &mut places);
            }
        }
        // A nested container is one of the outer one too.
        places.sort_by_key(|place| place.at);
        places.dedup_by_key(|place| place.at);
        places
    }

    /// The files that are built in instead of others, as configurations say.
    fn replacing_files(&self, bundlers: &Bundlers) -> FxHashSet<String> {
        let mut found = FxHashSet::default();
        let rule = &bundlers.replacements;
        for (id, file) in self.workspace.project.iter().filter(|(_, file)| file.readable && file.kind.is_data()) {
            let is_read = rule.stand_in(&file.path) && self.workspace.project.read(id).is_ok_and(|text| text.contains(&rule.key));
            let Some(unit) = is_read.then(|| self.workspace.unit(id)).flatten() else { continue };
            let Some(value) = unit.module.value else { continue };
            let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            for list in below_keys(unit, value, std::slice::from_ref(&rule.key)) {
                let ExprKind::Array(items) = &unit.module[list].kind else { continue };
                for item in items {
                    let ExprKind::Object(properties) = &unit.module[item.expr].kind else { continue };
                    let with = properties.iter().find_map(|property| match property {
                        Property::Value { key: PropertyKey::Name(key, _), value } if **key == *rule.with => Some(*value),
                        _ => None,
                    });
                    let Some(ExprKind::Literal(Literal::String(with))) = with.map(|with| &unit.module[with].kind) else { continue };
                    let with = with.trim_start_matches("./");
                    // From the configuration's folder or from the root of the workspace, as the tool likes it.
                    found.extend([with.to_owned(), format!("{folder}/{with}")]);
                }
            }
        }
        found
    }
}

/// Variables with a public prefix, in every notation of data files: `NAME: value`, `NAME=value` in a list or a block of lines,
/// `{ name: NAME, value: … }`.
fn variables(setting: &Setting<'_>, used: &Used, places: &mut Vec<Place>) {
    let module = &setting.unit.module;
    let mut open: Vec<(ExprId, usize)> = module.value.map(|value| (value, 0)).into_iter().collect();
    while let Some((expr, depth)) = open.pop() {
        match &module[expr].kind {
            ExprKind::Object(properties) if depth < DEPTH => {
                for property in properties {
                    match property {
                        Property::Value { key: PropertyKey::Name(name, span), value } => {
                            if let Some((what, shipped_by)) = setting.public_role(name, used) {
                                places.extend(setting.place(name.clone(), what, shipped_by, *span, *value));
                            } else {
                                open.push((*value, depth + 1));
                            }
                        }
                        Property::Spread(value) => open.push((*value, depth + 1)),
                        _ => {}
                    }
                }
                named(setting, properties, used, places);
            }
            ExprKind::Array(elements) if depth < DEPTH => open.extend(elements.iter().map(|element| (element.expr, depth + 1))),
            ExprKind::Literal(Literal::String(text)) => lines(setting, expr, text, used, places),
            _ => {}
        }
    }
}

/// `{ name: NAME, value: … }` and `{ key: NAME, valueFrom: … }`.
fn named(setting: &Setting<'_>, properties: &[Property], used: &Used, places: &mut Vec<Place>) {
    let module = &setting.unit.module;
    let of = |wanted: &[&str]| {
        properties.iter().find_map(|property| match property {
            Property::Value { key: PropertyKey::Name(name, _), value } if wanted.contains(&&**name) => Some(*value),
            _ => None,
        })
    };
    let Some(name_at) = of(&["name", "key", "variable"]) else { return };
    let ExprKind::Literal(Literal::String(name)) = &module[name_at].kind else { return };
    if let (Some((what, shipped_by)), Some(value)) = (setting.public_role(name, used), of(&["value", "valueFrom", "fromSecret"])) {
        places.extend(setting.place(name.clone(), what, shipped_by, module[name_at].span, value));
    }
}

/// `NAME=value` lines in a string: the list form of compose files, build arguments, blocks of a workflow.
fn lines(setting: &Setting<'_>, expr: ExprId, text: &str, used: &Used, places: &mut Vec<Place>) {
    if !text.contains('=') {
        return;
    }
    let span = setting.unit.module[expr].span;
    let raw = setting.unit.source.slice(span);
    for line in text.lines() {
        let Some((name, value)) = line.trim().split_once('=') else { continue };
        let name = name.rsplit([' ', '"', '\'']).next().unwrap_or(name);
        let Some((what, shipped_by)) = setting.public_role(name, used) else { continue };
        let found = memchr::memmem::find(raw.as_bytes(), format!("{name}=").as_bytes());
        let start = span.range().start + found.unwrap_or(0);
        let value = value.trim().trim_matches(['"', '\'']);
        let name_span = Span::new(start, start + name.len());
        let value_span = Span::new(start + name.len() + 1, start + name.len() + 1 + value.len());
        let Some(kind) = setting.judge(value, value_span, what) else { continue };
        places.push(setting.made(Name::from(name), what, shipped_by, name_span, value_span, kind));
    }
}

/// The values of the objects that a configuration ships.
fn values(setting: &Setting<'_>, container: &Container, places: &mut Vec<Place>) {
    let module = &setting.unit.module;
    let beside = container.beside.as_deref();
    if beside.is_some_and(|key| !module.value.is_some_and(|value| setting.unit.has_key(value, key))) {
        return;
    }
    let objects: Vec<ExprId> = if let Some(value) = module.value {
        below_keys(setting.unit, value, &container.keys)
    } else {
        setting
            .unit
            .parents
            .nodes()
            .iter()
            .filter_map(|node| if let Node::Expr(expr) = *node { Some(expr) } else { None })
            .filter(|expr| is_contained(setting.unit, *expr, container))
            .collect()
    };
    for object in objects {
        let mut open = vec![(object, String::new(), 0)];
        while let Some((expr, path, depth)) = open.pop() {
            match &module[expr].kind {
                ExprKind::Object(properties) if depth < DEPTH => {
                    for property in properties {
                        let Property::Value { key: PropertyKey::Name(key, span), value } = property else { continue };
                        let inner = setting.unit.uncast(*value);
                        // `'process.env.X'` and `'import.meta.env.X'` define what code reads by that name.
                        let key = key.strip_prefix("process.env.").or_else(|| key.strip_prefix("import.meta.env.")).unwrap_or(key);
                        let name = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
                        let ships = container.only.as_ref().is_none_or(|only| setting.unit.is_called_with(inner, only));
                        if matches!(module[inner].kind, ExprKind::Object(_)) {
                            open.push((inner, name, depth + 1));
                        } else if ships && let Some(what) = setting.role_of_value(&name, inner) {
                            places.extend(setting.place(Name::from(name), what, container.title.clone(), *span, inner));
                        }
                    }
                }
                // `new EnvironmentPlugin(['X'])`.
                ExprKind::Array(elements) => {
                    for element in elements {
                        let ExprKind::Literal(Literal::String(name)) = &module[element.expr].kind else { continue };
                        if let Some(what) = login_role(name) {
                            let span = module[element.expr].span;
                            places.push(setting.made(name.clone(), what, container.title.clone(), span, span, EntryValue::Reference));
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

/// What of a login to the vendor a name says that it holds.
fn login_role(name: &str) -> Option<NameRole> {
    secret_role(name).filter(|role| (role.is_secret() || *role == NameRole::SipUser) && names_vendor(name))
}

/// The objects of a data file at the end of a way of keys; the whole value when there are none.
fn below_keys(unit: &Unit, value: ExprId, keys: &[String]) -> Vec<ExprId> {
    let mut found = Vec::new();
    let mut open = vec![(value, Vec::<Name>::new())];
    while let Some((expr, path)) = open.pop() {
        let ends = path.len() >= keys.len() && path.iter().rev().zip(keys.iter().rev()).all(|(name, key)| **name == **key);
        if ends {
            found.push(expr);
            continue;
        }
        if let ExprKind::Object(properties) = &unit.module[expr].kind
            && path.len() < DEPTH
        {
            for property in properties {
                if let Property::Value { key: PropertyKey::Name(name, _), value } = property {
                    let path = path.iter().cloned().chain([Arc::clone(name)]).collect();
                    open.push((*value, path));
                }
            }
        }
    }
    found
}

/// Whether an expression of a program is the object that a container means.
fn is_contained(unit: &Unit, expr: ExprId, container: &Container) -> bool {
    let module = &unit.module;
    if !matches!(module[expr].kind, ExprKind::Object(_) | ExprKind::Array(_)) {
        return false;
    }
    if let Some(call) = &container.call {
        return matches!(unit.parents.parent(Node::Expr(expr)), Some(Node::Expr(parent))
            if matches!(&module[parent].kind, ExprKind::New { callee, .. } if unit.source.slice(module[*callee].span).ends_with(call.as_str())));
    }
    let mut keys: Vec<&str> = Vec::new();
    let mut inner = expr;
    while let Some(Node::Expr(outer)) = unit.parents.parent(Node::Expr(inner)) {
        if let ExprKind::Object(properties) = &module[outer].kind {
            let key = properties.iter().find_map(|property| match property {
                Property::Value { key: PropertyKey::Name(name, _), value } if *value == inner => Some(&**name),
                _ => None,
            });
            keys.extend(key);
        }
        inner = outer;
        if keys.len() > container.keys.len().max(1) {
            break;
        }
    }
    if container.keys.is_empty() {
        // Only the outermost object: its inner ones are looked into from there.
        return keys.is_empty() && matches!(module[expr].kind, ExprKind::Object(_));
    }
    matches!(module[expr].kind, ExprKind::Object(_))
        && keys.len() >= container.keys.len()
        && keys.iter().zip(container.keys.iter().rev()).all(|(name, key)| *name == key.as_str())
}

impl Unit {
    /// Whether an object has a key.
    fn has_key(&self, object: ExprId, key: &str) -> bool {
        let ExprKind::Object(properties) = &self.module[object].kind else { return false };
        properties.iter().any(|property| matches!(property, Property::Value { key: PropertyKey::Name(name, _), .. } if &**name == key))
    }

    /// Whether an expression is a call with an object that holds a pair of key and value.
    fn is_called_with(&self, call: ExprId, pair: &Pair) -> bool {
        let ExprKind::Call { args, .. } = &self.module[call].kind else { return false };
        args.iter().any(|arg| {
            let ExprKind::Object(properties) = &self.module[arg.expr].kind else { return false };
            properties.iter().any(|property| match property {
                Property::Value { key: PropertyKey::Name(name, _), value } if **name == *pair.key => {
                    matches!(&self.module[*value].kind, ExprKind::Literal(Literal::String(text)) if **text == *pair.value)
                }
                _ => false,
            })
        })
    }
}

impl Setting<'_> {
    /// What a public variable is by its name, and what ships it.
    fn public_role(&self, name: &str, used: &Used) -> Option<(NameRole, String)> {
        let bundler = self.catalog.public_bundler(name).or_else(|| self.inlined.by_prefix(self.folder, name))?;
        let role = login_role(name).or_else(|| used.get(name).copied())?;
        Some((role, bundler.to_owned()))
    }

    /// The place of an entry, when its value is a secret or refers to one.
    fn place(&self, name: Name, what: NameRole, shipped_by: String, name_span: Span, value: ExprId) -> Option<Place> {
        let module = &self.unit.module;
        let span = module[value].span;
        let kind = match &module[value].kind {
            ExprKind::Literal(Literal::String(text)) => self.judge(text, span, what)?,
            ExprKind::Literal(Literal::Number(_)) => self.judge(self.unit.source.slice(span), span, what)?,
            ExprKind::Literal(_) => return None,
            // GitLab: `NAME: { value: …, description: … }`.
            ExprKind::Object(properties) if self.unit.module.value.is_some() => {
                let inner = properties.iter().find_map(|property| match property {
                    Property::Value { key: PropertyKey::Name(name, _), value } if &**name == "value" => Some(*value),
                    _ => None,
                });
                match inner {
                    Some(inner) if matches!(module[inner].kind, ExprKind::Literal(_)) => {
                        return self.place(name, what, shipped_by, name_span, inner);
                    }
                    _ => EntryValue::Reference,
                }
            }
            // `JSON.stringify('…')`, as `define` wants it.
            ExprKind::Call { args, .. } if self.unit.callee_text(value) == "JSON.stringify" => {
                match args.first().map(|first| first.expr).filter(|first| matches!(module[*first].kind, ExprKind::Literal(_))) {
                    Some(first) => return self.place(name, what, shipped_by, name_span, first),
                    None => self.found_in(span).map_or(EntryValue::Reference, literal),
                }
            }
            _ => self.found_in(span).map_or(EntryValue::Reference, literal),
        };
        Some(self.made(name, what, shipped_by, name_span, span, kind))
    }

    fn made(&self, name: Name, what: NameRole, shipped_by: String, name_span: Span, value_span: Span, value: EntryValue) -> Place {
        let found = self.found_in(value_span);
        let span = match (&value, found) {
            (EntryValue::Literal { .. }, Some(secret)) => secret.at.span,
            (EntryValue::Literal { .. }, None) => value_span,
            (EntryValue::Reference, _) => name_span,
        };
        Place {
            name,
            what: found.map_or(what, |secret| role_of(&secret.kind)),
            at: self.unit.at(span),
            shipped_by,
            value,
            ignored: self.ignored,
            development_only: self.development_only,
        }
    }

    /// The secret that the scan of the text found in a span.
    fn found_in(&self, span: Span) -> Option<&FoundSecret> {
        self.secrets.iter().find(|secret| span.start < secret.at.span.end && secret.at.span.start < span.end).copied()
    }

    /// What a text under the name of a secret is.
    fn judge(&self, text: &str, span: Span, what: NameRole) -> Option<EntryValue> {
        if let Some(secret) = self.found_in(span) {
            return Some(literal(secret));
        }
        let text = text.trim();
        if self.is_example {
            return None;
        }
        // `${{ secrets.X }}`, `$X`, `${X}`, `@secret-name`: kept elsewhere, and shipped all the same.
        if text.starts_with('$') || text.strip_prefix('@').is_some_and(|name| name.len() > 1) {
            return Some(EntryValue::Reference);
        }
        let form = crate::secrets::classify_value(text).is_some();
        let believable = match what {
            _ if form => true,
            // It is no secret: only the place matters, whatever the name is.
            NameRole::SipUser => !text.is_empty(),
            _ if is_placeholder(text) || is_dummy_password(text) => false,
            // Keys have a form of their own; what does not is a stand-in.
            NameRole::ApiKey => false,
            NameRole::LoginToken | NameRole::OauthSecret => text.len() >= SHORTEST && !text.contains(' '),
            _ => text.len() >= 8,
        };
        let confidence = if form { Confidence::High } else { Confidence::Medium };
        believable.then_some(EntryValue::Literal { confidence, expired: false })
    }

    /// What the value of a shipped object is: by its own name, or by the variable that it reads.
    fn role_of_value(&self, name: &str, value: ExprId) -> Option<NameRole> {
        let named = login_role(name);
        named.filter(|role| role.is_secret()).or_else(|| self.role_of_read(value)).or(named)
    }

    /// What a value is by its form, or by the variable that it reads.
    fn role_of_read(&self, value: ExprId) -> Option<NameRole> {
        match &self.unit.module[value].kind {
            ExprKind::Literal(_) => self.found_in(self.unit.module[value].span).map(|secret| role_of(&secret.kind)),
            _ => self.unit.names_below(value).into_iter().find_map(|read| {
                let is_constant = read.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
                if is_constant { login_role(read) } else { None }
            }),
        }
    }
}

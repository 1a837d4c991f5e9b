//! What an origin is, in the words of the report: the kinds of birthplace that a person tells apart.

use std::fmt;

use crate::analysis::auth::Builder;
use crate::analysis::auth::provenance::global_provenance;
use crate::analysis::model::{Provenance, ServiceAction, ServiceCall};
use crate::analysis::usage::FunctionName;
use crate::analysis::values::{FunctionSite, Origin, OriginKind, Site};
use crate::hir::{Literal, Name};

/// Where a value is born. Displays as one line without a value: `env VITE_SIP_PASSWORD`, ``response `POST /api/token` ``.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Birth {
    /// A constant in the code.
    Literal {
        /// An empty text, as a fallback for a missing value.
        is_empty: bool,
    },
    /// An environment variable.
    Env {
        /// Its name.
        name: Name,
        /// A bundler puts its value into what browsers load.
        is_public: bool,
    },
    /// The answer of a request; its method and URL as far as they are known.
    Response(Option<String>),
    /// Browser or device storage; the key when it is known.
    Storage(Option<Name>),
    /// What a person types or chooses.
    UserInput,
    /// The page's address.
    PageUrl,
    /// The request that a server handler got.
    RequestInput,
    /// A file that the program reads.
    File,
    /// A hole of a server template.
    TemplateHole,
    /// A call of the service that mints a login token: its method and path, or the SDK's method.
    Mint(String),
    /// A call of the service that creates or reads a credential: its method and path, or the SDK's method.
    Credential(String),
    /// A call of a package or of something unknown: the callee as written.
    Call(String),
    /// Something that a package exports.
    Package(String),
    /// A parameter that no visible code fills.
    Parameter(String),
    /// An object or array literal.
    Object,
    /// A function.
    Function(Option<String>),
    /// A class.
    Class(Option<String>),
    /// An instance of a class: the class as written.
    Instance(String),
    /// A JSX element.
    Element,
    /// A global of the platform, or one that no file of the project defines.
    Global(String),
    /// Nothing is known.
    Unknown,
    /// A limit of the analysis was hit on the way.
    Limit,
}

impl Birth {
    /// The kebab-case word for machines.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Literal { .. } => "literal",
            Self::Env { .. } => "env",
            Self::Response(_) => "response",
            Self::Storage(_) => "storage",
            Self::UserInput => "user-input",
            Self::PageUrl => "page-url",
            Self::RequestInput => "request-input",
            Self::File => "file",
            Self::TemplateHole => "template-hole",
            Self::Mint(_) => "mint",
            Self::Credential(_) => "credential",
            Self::Call(_) => "call",
            Self::Package(_) => "package",
            Self::Parameter(_) => "parameter",
            Self::Object => "object",
            Self::Function(_) => "function",
            Self::Class(_) => "class",
            Self::Instance(_) => "instance",
            Self::Element => "element",
            Self::Global(_) => "global",
            Self::Unknown => "unknown",
            Self::Limit => "limit",
        }
    }

    /// What it is called, when it has a name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Env { name, .. } | Self::Storage(Some(name)) => Some(name),
            Self::Response(name) | Self::Function(name) | Self::Class(name) => name.as_deref(),
            Self::Mint(name)
            | Self::Credential(name)
            | Self::Call(name)
            | Self::Package(name)
            | Self::Parameter(name)
            | Self::Instance(name)
            | Self::Global(name) => Some(name),
            _ => None,
        }
    }
}

impl fmt::Display for Birth {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.kind().replace('-', " "))?;
        match (self, self.name()) {
            (Self::Response(_), Some(name)) => write!(to, " `{name}`"),
            (Self::Mint(_) | Self::Credential(_), _) => Ok(()),
            (_, Some(name)) => write!(to, " {name}"),
            (_, None) => Ok(()),
        }
    }
}

/// Finds what origins are.
pub(super) struct Births<'b, 'w> {
    pub(super) builder: &'b Builder<'w>,
    /// The calls of the service in the project.
    pub(super) calls: &'b [ServiceCall],
}

impl Births<'_, '_> {
    /// What an origin is.
    pub(super) fn of(&self, origin: &Origin) -> Birth {
        match &origin.kind {
            OriginKind::Literal(literal) => Birth::Literal { is_empty: matches!(literal, Literal::String(text) if text.is_empty()) },
            OriginKind::Env { name, mechanism } => Birth::Env {
                name: name.clone(),
                is_public: matches!(self.builder.env(name, *mechanism, origin.at.file), Provenance::PublicEnv(_)),
            },
            OriginKind::Response(site) => self.service(*site).unwrap_or_else(|| Birth::Response(self.request(*site))),
            OriginKind::Call(site) => self.service(*site).unwrap_or_else(|| self.call(*site)),
            OriginKind::New(site) | OriginKind::Instance(_, site) => Birth::Instance(self.callee(*site)),
            OriginKind::Object(_) | OriginKind::Property(_) => Birth::Object,
            OriginKind::Function(function) => Birth::Function(self.function(*function)),
            OriginKind::Class(class) => {
                let unit = self.builder.workspace.unit(class.file);
                Birth::Class(unit.and_then(|unit| unit.module[class.class].name.map(|name| unit.module[name].name.to_string())))
            }
            OriginKind::Element(_) => Birth::Element,
            OriginKind::UserInput => Birth::UserInput,
            OriginKind::PageUrl => Birth::PageUrl,
            OriginKind::Storage(key) => Birth::Storage(key.clone()),
            OriginKind::RequestInput => Birth::RequestInput,
            OriginKind::File(_) => Birth::File,
            OriginKind::TemplateHole(_) => Birth::TemplateHole,
            OriginKind::Param(..) => Birth::Parameter(self.written(origin)),
            OriginKind::Global(path) => {
                let path: Vec<&str> = path.iter().chain(&origin.path).map(AsRef::as_ref).collect();
                match global_provenance(self.builder.values.apis(), path.iter().copied()) {
                    Provenance::PageUrl => Birth::PageUrl,
                    Provenance::Form => Birth::UserInput,
                    Provenance::Storage(key) => Birth::Storage(key),
                    _ => Birth::Global(path.join(".")),
                }
            }
            OriginKind::Package { package, .. } => Birth::Package(package.to_string()),
            OriginKind::Unknown => Birth::Unknown,
            OriginKind::Limit => Birth::Limit,
        }
    }

    /// A call that the service answers.
    fn service(&self, site: Site) -> Option<Birth> {
        let at = self.builder.at(site);
        let call = self.calls.iter().find(|call| call.at == at)?;
        let spelling = call.spelling.clone();
        Some(if call.action == ServiceAction::Mint { Birth::Mint(spelling) } else { Birth::Credential(spelling) })
    }

    fn call(&self, site: Site) -> Birth {
        let text = self.builder.workspace.unit(site.file).map_or("", |unit| unit.source.slice(unit.module[site.expr].span));
        if self.builder.workspace.catalog.habits.databases.is_remote_function(text) {
            Birth::Response(self.request(site))
        } else {
            Birth::Call(self.callee(site))
        }
    }

    /// `POST /api/token`, as far as it is known.
    fn request(&self, site: Site) -> Option<String> {
        let url = self.builder.request_text(site)?;
        let method = self.builder.workspace.unit(site.file).and_then(|unit| self.builder.http_method(unit, site.expr));
        Some(match method {
            Some(method) => format!("{method} {url}"),
            None => url,
        })
    }

    fn callee(&self, site: Site) -> String {
        self.builder.workspace.unit(site.file).map(|unit| unit.callee_text(site.expr)).unwrap_or_default()
    }

    /// The code at the place of birth: a parameter's own name.
    fn written(&self, origin: &Origin) -> String {
        let unit = self.builder.workspace.unit(origin.at.file);
        unit.map(|unit| crate::analysis::values::walk::short(unit.source.slice(origin.at.span))).unwrap_or_default()
    }

    fn function(&self, site: FunctionSite) -> Option<String> {
        let unit = self.builder.workspace.unit(site.file)?;
        match unit.usage.function_name(site.function)? {
            FunctionName::Symbol(symbol) => unit.scopes.symbol(*symbol).map(|symbol| symbol.name.to_string()),
            FunctionName::Property { name, .. } | FunctionName::ClassMember { name, .. } => Some(name.to_string()),
            FunctionName::MemberWrite(_) => None,
        }
    }
}

//! Secrets that stand in any text: keys, login tokens and passwords, in every tracked file of any language.

use super::Builder;
use crate::analysis::model::{FoundKind, FoundSecret};
use crate::finding::ZoneKind;
use crate::project::AnchorSet;
use crate::secrets::{SecretKind, scan};
use crate::source::Location;

impl Builder<'_> {
    /// Every secret in the files whose screening saw a key's or a token's shape, or the vendor's name.
    pub(crate) fn texts(&self) -> Vec<FoundSecret> {
        use rayon::prelude::*;
        let files: Vec<_> = self
            .workspace
            .project
            .iter()
            .filter(|(_, file)| {
                !file.lockfile
                    && !file.ignored
                    && file.readable
                    && file.anchors.intersects(AnchorSet::TELNYX | AnchorSet::MODEL | AnchorSet::KEY_SHAPE | AnchorSet::JWT_SHAPE)
            })
            .map(|(id, file)| (id, file.path.clone(), file.kind))
            .collect();
        let found: Vec<_> = files
            .par_iter()
            .map(|(id, path, kind)| {
                let text = match self.workspace.parsed_source(*id) {
                    Some(source) => source,
                    None => self.workspace.source(*id)?,
                };
                Some((*id, scan(&text.text, self.workspace.below_named(path), *kind)))
            })
            .collect();
        let mut secrets = Vec::new();
        for (id, found) in found.into_iter().flatten() {
            if found.is_empty() {
                continue;
            }
            let development = self.zones.zone_of(id).kind == ZoneKind::Development;
            secrets.extend(found.into_iter().map(|secret| FoundSecret {
                at: Location::new(id, secret.span),
                kind: match &secret.kind {
                    SecretKind::ApiKey => FoundKind::ApiKey,
                    SecretKind::LoginJwt(claims) => FoundKind::LoginToken { expires: claims.exp },
                    SecretKind::SipPassword => FoundKind::SipPassword,
                    SecretKind::OauthClientSecret => FoundKind::OauthClientSecret,
                },
                confidence: secret.confidence,
                why: secret.why,
                in_development_file: development,
            }));
        }
        secrets
    }
}

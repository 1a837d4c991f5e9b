//! Where a listener can stand.

use super::super::Builder;
use super::super::clients::FoundClient;
use crate::analysis::edit_sites::RenewalSite;
use crate::analysis::model::SdkVersion;

impl Builder<'_> {
    /// Where a client without refresh can get one.
    pub(in crate::analysis::auth) fn renewal_site(&self, _found: &FoundClient, _version: Option<&SdkVersion>) -> Option<RenewalSite> {
        None
    }
}

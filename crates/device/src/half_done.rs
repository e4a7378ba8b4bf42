//! Work that was left half done: a safety check, a letter, an application as it was typed. Visits have a list of their own.

use domain::{RecordId, same};
use store::device::View;
use ui_protocol::lookups::{OpenForm, OpenFormKind, OpenForms, OpenFormsReply};
use ui_protocol::permits::PermitsOf;

use crate::Device;
use crate::error::Failure;

/// What each form's draft is kept under, before the id it is of.
const KEPT: [(&str, OpenFormKind); 3] =
    [("check:", OpenFormKind::Check), ("letter:", OpenFormKind::Letter), ("permit:", OpenFormKind::Permit)];

impl Device {
    pub(crate) fn open_forms(&self, _: &OpenForms) -> Result<OpenFormsReply, Failure> {
        let mut rows = self.store.read(|view| {
            self.require(view)?;
            let mut rows = Vec::new();
            for (prefix, kind) in KEPT {
                for (key, kept) in view.drafts_named(prefix)? {
                    let Some(of) = key.strip_prefix(prefix).and_then(|of| of.parse::<RecordId>().ok()) else { continue };
                    // Typed and taken back again, there is nothing to go on with.
                    if kept.get("form") == kept.get("base") {
                        continue;
                    }
                    let Some((of, title)) = about(view, kind, of)? else { continue };
                    let kept_unix_ms = view.draft(&key)?.map_or(0, |(_, kept)| kept);
                    rows.push(OpenForm { kind, of, title, kept_unix_ms });
                }
            }
            Ok::<_, Failure>(rows)
        })?;
        // What was asked for meanwhile, or cannot be asked for any more, is not gone on with.
        rows.retain(|row| {
            let asks = |person| self.permits_of(&PermitsOf { person }).is_ok_and(|permits| permits.can_apply);
            row.kind != OpenFormKind::Permit || asks(row.of)
        });
        rows.sort_by_key(|row| std::cmp::Reverse((row.kept_unix_ms, row.of)));
        Ok(OpenFormsReply { rows })
    }
}

/// The home or the person a form is of, and what it is called; none for what is not on this device any more.
fn about(view: &View<'_>, form: OpenFormKind, of: RecordId) -> Result<Option<(RecordId, String)>, Failure> {
    Ok(match form {
        OpenFormKind::Check | OpenFormKind::Letter => view.unit_line(of)?.map(|line| (of, line.title)),
        OpenFormKind::Permit => view.person_line(same::root(of, view)?)?.map(|line| (line.id, line.name)),
    })
}

//! Drafts, hukou regions, villages, the notice.

use domain::area::Area;
use domain::county::Notice;
use domain::{kind, region, text};
use store::device::{Durability, View};
use ui_protocol::ErrorCode;
use ui_protocol::lookups::{
    Areas, AreasReply, Draft, DraftKept, DraftReply, DropDraft, KeepDraft, NoticeReply, NoticeText, RegionName, Regions,
    RegionsReply,
};
use ui_protocol::session::AreaName;

use crate::Device;
use crate::error::Failure;

/// Rows of a look-up.
const ROWS_MAX: usize = 30;
/// Villages of a county fit on a list; a larger answer would be a mistake.
const AREAS_MAX: usize = 300;
/// A form as JSON: ours are far below.
const DRAFT_BYTES_MAX: usize = 64 * 1024;
const DRAFT_KEY_BYTES_MAX: usize = 200;

impl Device {
    pub(crate) fn keep_draft(&self, ask: &KeepDraft) -> Result<DraftKept, Failure> {
        if ask.key.len() > DRAFT_KEY_BYTES_MAX || ask.form.to_string().len() > DRAFT_BYTES_MAX {
            return Err(ErrorCode::Malformed.into());
        }
        let now = self.now();
        self.store.write(Durability::Full, |writing| {
            self.require(writing)?;
            writing.keep_draft(&ask.key, &ask.form, now)?;
            Ok::<_, Failure>(())
        })?;
        Ok(DraftKept {})
    }

    pub(crate) fn draft(&self, ask: &Draft) -> Result<DraftReply, Failure> {
        self.store.read(|view| {
            self.require(view)?;
            let (form, kept_unix_ms) = view.draft(&ask.key)?.unzip();
            Ok(DraftReply { form, kept_unix_ms })
        })
    }

    pub(crate) fn drop_draft(&self, ask: &DropDraft) -> Result<DraftKept, Failure> {
        self.store.write(Durability::Full, |writing| {
            self.require(writing)?;
            writing.drop_draft(&ask.key)?;
            Ok::<_, Failure>(())
        })?;
        Ok(DraftKept {})
    }

    pub(crate) fn regions(&self, ask: &Regions) -> Result<RegionsReply, Failure> {
        self.store.read(|view| self.require(view).map(|_| ()))?;
        let rows = region::search(&ask.query, ROWS_MAX)
            .into_iter()
            .map(|region| RegionName { name: region.display(), code: region.code })
            .collect();
        Ok(RegionsReply { rows })
    }

    pub(crate) fn areas(&self, ask: &Areas) -> Result<AreasReply, Failure> {
        let query = text::clean(&ask.query);
        self.store.read(|view| {
            self.require(view)?;
            let all: Vec<Area> = view.all(kind::AREA)?.iter().filter_map(|record| record.typed("area")).collect();
            let township = |code: &str| all.iter().find(|area| area.code == code).map(|area| area.name.clone());
            let mut rows: Vec<AreaName> = all
                .iter()
                .filter(|area| area.level == "village")
                .map(|area| AreaName {
                    code: area.code.clone(),
                    name: area.name.clone(),
                    township: township(&area.parent).unwrap_or_default(),
                })
                .filter(|row| {
                    query.is_empty() || row.name.contains(&query) || row.township.contains(&query) || row.code.starts_with(&query)
                })
                .collect();
            rows.sort_by(|a, b| a.code.cmp(&b.code));
            rows.truncate(AREAS_MAX);
            Ok(AreasReply { rows })
        })
    }

    pub(crate) fn notice(&self, _: &NoticeText) -> Result<NoticeReply, Failure> {
        self.store.read(|view| {
            self.require(view)?;
            Ok(match latest_notice(view)? {
                Some(notice) => NoticeReply { version: notice.version, zh: notice.zh, en: notice.en },
                None => NoticeReply::default(),
            })
        })
    }
}

/// The notice with the highest version.
fn latest_notice(view: &View<'_>) -> Result<Option<Notice>, Failure> {
    let notices = view.all(kind::NOTICE)?.iter().filter_map(|record| record.typed::<Notice>("text")).collect::<Vec<_>>();
    // The tenth comes after the ninth.
    let number = |version: &str| version.rsplit('-').next().and_then(|number| number.parse::<u64>().ok());
    Ok(notices.into_iter().max_by_key(|notice| (number(&notice.version), notice.version.clone())))
}

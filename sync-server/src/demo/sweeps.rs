//! Sweeps the station has set for the two villages: one that was closed, one under way, one to come.

use chrono::Duration;
use domain::kind;
use domain::sweep::{SweepClosed, SweepForm, SweepKind};

use super::cast::{LI_VILLAGE, WANG_VILLAGE};
use super::county::Story;
use super::pen::Pen;

/// Name, kind, and in days from today: when it was set, its first and its last day, when it was closed.
type Row = (&'static str, SweepKind, u64, i64, i64, Option<u64>);

const ROWS: [Row; 3] = [
    ("三季度排查", SweepKind::Regular, 61, -60, -30, Some(29)),
    ("冬季消防排查", SweepKind::Irregular, 3, -2, 12, None),
    ("年前排查", SweepKind::Regular, 1, 30, 50, None),
];

/// Homes of each village that a closed sweep did not come to.
const NOT_REACHED: u64 = 2;

impl Story {
    pub(super) fn sweeps(&mut self) -> anyhow::Result<()> {
        let mut zhou = Pen::new(&self.core, "zhou")?.telling();
        for (name, how, set, from, until, closed) in ROWS {
            self.go_to(set, 8);
            zhou.sync()?;
            let on = |days: i64| (self.ago(0) + Duration::days(days)).to_string();
            let form = SweepForm {
                name: name.to_owned(),
                how: Some(how),
                areas: vec![WANG_VILLAGE.to_owned(), LI_VILLAGE.to_owned()],
                from: on(from),
                until: on(until),
            };
            let whats = form.whats();
            let drafts: Vec<_> = whats.iter().map(|what| zhou.create(kind::SWEEP).with("what", what)).collect();
            let ids: Vec<_> = drafts.iter().map(|draft| draft.record).collect();
            zhou.save(drafts);
            zhou.sync()?;
            let Some(days_ago) = closed else { continue };
            self.go_to(days_ago, 17);
            let mut closings = Vec::new();
            for (id, what) in ids.into_iter().zip(&whats) {
                let homes = self.homes.iter().filter(|home| home.wangs == (what.area == WANG_VILLAGE)).count() as u64;
                let closed = SweepClosed { on: self.ago(days_ago).to_string(), done: homes - NOT_REACHED, homes };
                let sweep = zhou.record(id).ok_or_else(|| anyhow::anyhow!("the station holds what it set"))?;
                closings.push(zhou.set(&sweep).with("closed", &closed));
            }
            zhou.save(closings);
            zhou.sync()?;
        }
        Ok(())
    }
}

//! Who rents a home, homes entered twice, and homes that were said to be empty.

use domain::codes::VisitResult;
use ui_protocol::tenancies::Tenant;
use ui_protocol::units::MergingHome;

use super::{Words, sentences};

sentences! {
    tenants_title = "承租人", "Who rents it";
    tenants_none = "没有登记的承租人", "No tenant is registered";
    tenants_add_firm = "登记承租单位", "A firm rents it";
    tenant_firm = "单位", "Firm";
    tenant_end = "结束租赁", "End the tenancy";
    tenant_to = "最后一天", "Last day";
    tenant_why = "原因", "Why";
    firm_name = "单位名称", "The firm's name";
    firm_from = "承租开始日期", "Rents it since";
    firm_save = "保存承租单位", "Save the firm";

    same_home_title = "同一处房屋？", "Entered twice?";
    same_home_help = "同一处房屋登记了两次，可以合并", "One home was entered twice: merge the two";
    same_home_none = "附近没有别的房屋", "No other home nearby";
    same_home_none_help = "按地址、房东或电话搜索另一处。", "Search for the other one by address, landlord or phone.";
    same_home_stays = "保留这一处", "This one stays";
    same_home_goes = "并入上面那一处", "This one becomes part of it";
    same_home_turn = "对调：保留另一处", "Turn round: the other one stays";
    same_home_merge = "合并成一处", "Merge the two";
    same_home_done = "已合并，住户和记录都在这里", "Merged: people and records are all here";
    same_home_what = "合并以后，两处的住户、走访、检查、隐患、照片和报送都在保留的那一处看到；住户的登记不中断。扫任何一块门牌都能打开。合错了可以拆开，各归各的。", "Once merged, the people, visits, checks, hazards, photos and reports of both are seen in the one that stays; no registration is interrupted. Either plate opens it. If it was wrong, take them apart: each has its own again.";
    same_home_people = "登记的住户", "Registered there";
    same_home_more = "记录", "Records";
    merged_open = "打开合并后的房屋", "Open the home it is part of";
    merged_here = "已并入这里的", "Merged into this home";
    part_homes = "不是同一处，拆开", "Two homes after all: take apart";
    part_ask = "拆开以后，两处各有各的住户和记录，和合并以前一样。", "Taken apart, each has its own people and records again, as before.";
    part_done = "已拆开", "Taken apart";
    visit_merged = "走访当中，这处房屋并入了另一处。已经点的都还在，照样走完；结果算在合并后的房屋上。", "In the middle of the visit this home was merged into another. Everything tapped is kept: finish as usual, and it counts for the home it is part of.";

    empty_home_ask = "见到人或问到邻居，再点一次", "Tap again once somebody was seen or a neighbour said";
    empty_home_address = "改地址", "Correct the address";
    empty_home_address_help = "走访说没有这个地址", "The visit found no such address";
}

impl Words {
    /// Since when somebody rents, or from when to when they did, and why it ended.
    pub fn tenant_since(self, tenant: &Tenant, today: &str) -> String {
        let from = self.plain_day(&tenant.from, today);
        if tenant.to.is_empty() {
            return self.pick(format!("{from} 起"), format!("since {from}"));
        }
        let (to, why) = (self.plain_day(&tenant.to, today), tenant.reason.map(|why| self.label(why)).unwrap_or_default());
        format!("{from} – {to} · {why}")
    }

    /// Ended tenancies, counted.
    pub fn tenants_earlier(self, count: usize) -> String {
        self.pick(format!("以前的承租人 {count}"), format!("Earlier tenants: {count}"))
    }

    /// Before a tenancy is ended by hand.
    pub fn tenant_end_ask(self, name: &str) -> String {
        self.pick(
            format!("{name} 不再承租这处房屋？住户登记不受影响。"),
            format!("{name} does not rent this home any more? Nobody's registration is touched."),
        )
    }

    /// Which home is the same as this one.
    pub fn same_home_choose(self, title: &str) -> String {
        self.pick(format!("{title} 和哪一处是同一处？"), format!("Which home is the same as {title}?"))
    }

    /// What else a home brings along, in numbers.
    pub fn same_home_counts(self, home: &MergingHome) -> String {
        self.pick(
            format!("走访 {} 次 · 隐患 {} 个 · 照片 {} 张", home.visits, home.hazards, home.photos),
            format!("{} visits · {} hazards · {} photos", home.visits, home.hazards, home.photos),
        )
    }

    /// At the top of a merged home's page.
    pub fn merged_into(self, day: &str) -> String {
        self.pick(
            format!("{day} 起，这处房屋已并入下面这一处。住户和记录都在那里看。"),
            format!("Since {day} this home is part of the one below. Its people and records are seen there."),
        )
    }

    /// Since when another entry is part of this home.
    pub fn merged_on(self, day: &str) -> String {
        self.pick(format!("{day} 并入"), format!("merged on {day}"))
    }

    /// What a visit said of the whole home.
    pub fn empty_home_said(self, result: VisitResult, when: &str) -> String {
        let said = self.label(result);
        self.pick(format!("{when} 走访：{said}"), format!("Visit of {when}: {said}"))
    }

    /// Above those who are registered there all the same.
    pub fn empty_home_people(self, count: usize) -> String {
        self.pick(format!("还有 {count} 人登记在这里，人在哪里？"), format!("{count} still registered here: where are they?"))
    }
}

#[cfg(test)]
mod tests {
    use domain::codes::UnitStatus;
    use domain::tenancy::TenancyEnd;

    use super::*;
    use crate::words::{BOTH, assert_spoken};

    #[test]
    fn tenants_merged_and_empty_homes_are_said() {
        let today = "2026-11-23";
        let now = Tenant {
            tenancy: None,
            person: None,
            name: String::new(),
            room: String::new(),
            from: "2026-03-01".into(),
            to: String::new(),
            reason: None,
            waiting: false,
        };
        let ended = Tenant { to: "2026-11-01".into(), reason: Some(TenancyEnd::Left), ..now.clone() };
        let home = MergingHome {
            unit: "01890a5d-ac96-774b-bcce-b302099a8057".parse().expect("an id"),
            title: String::new(),
            number: String::new(),
            landlord: String::new(),
            phone: String::new(),
            state: UnitStatus::Registered,
            people: Vec::new(),
            rooms: Vec::new(),
            hazards: 1,
            visits: 2,
            photos: 3,
        };
        for words in BOTH {
            let day = words.plain_day("2026-11-20", today);
            for said in [
                words.tenant_since(&now, today),
                words.tenant_since(&ended, today),
                words.tenants_earlier(2),
                words.tenant_end_ask("1"),
                words.same_home_choose("1"),
                words.same_home_counts(&home),
                words.merged_into(&day),
                words.merged_on(&day),
                words.empty_home_said(VisitResult::Vacant, "18:04"),
                words.empty_home_people(2),
            ] {
                assert_spoken(words, &said, "a home");
            }
        }
    }
}

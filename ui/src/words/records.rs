//! Kinds, groups, fields and values, for histories, conflicts and the officer's page.

use domain::Fields;
use serde_json::Value;

use super::{Words, sentences};

sentences! {
    value_empty = "（空）", "(empty)";
    value_deleted = "（已撤销）", "(taken back)";
    group_other = "其他内容", "Other";
    kind_other = "记录", "Record";
}

/// A field's name in Chinese and in English, and the code table its values come from.
type FieldWords = (&'static str, &'static str, &'static str);

/// Fields that are ids or machine values: no person reads them.
const SILENT: [&str; 23] = [
    "application",
    "permit",
    "withdraws",
    "unit",
    "room",
    "person",
    "residency",
    "visit",
    "inspection",
    "recheck",
    "hazard",
    "record",
    "seen_fact",
    "about",
    "template",
    "observed_unix_ms",
    "status_seen",
    "origin",
    "account",
    "submitted_unix_ms",
    "inputs",
    "owner",
    "by_rule",
];

impl Words {
    /// A kind of record.
    pub fn kind(self, kind: &str) -> &'static str {
        let (chinese, english) = match kind {
            "unit" => ("出租房屋", "Rental home"),
            "room" => ("房间", "Room"),
            "person" => ("人员", "Person"),
            "residency" => ("居住登记", "Registration"),
            "stay" => ("居住情况", "Stay"),
            "visit" => ("上门", "Visit"),
            "visit_person" => ("上门核查", "Visit of a person"),
            "photo" => ("照片", "Photo"),
            "photo_withdrawal" => ("撤下照片", "Photo taken down"),
            "withdrawal" => ("撤回", "Taken back"),
            "sweep" => ("排查", "Sweep"),
            "tenancy" => ("承租", "Tenancy"),
            "inspection" => ("安全检查", "Safety check"),
            "hazard" => ("隐患", "Hazard"),
            "recheck" => ("复查", "Re-check"),
            "letter" => ("责任书", "Letter of responsibility"),
            "report" => ("房东报送", "Landlord's report"),
            "referral" => ("转派出所", "Referral"),
            "permit_application" => ("居住证申请", "Permit application"),
            "permit" => ("居住证", "Permit"),
            "permit_event" => ("居住证办理", "Permit event"),
            "access" => ("查看证件", "Document shown"),
            "conflict" => ("冲突", "Conflict"),
            "duplicate" => ("同一人认定", "Same person?"),
            "area" => ("村社区", "Village"),
            "holidays" => ("节假日", "Holidays"),
            "policy" => ("政策", "Policy"),
            "notice" => ("告知书", "Notice"),
            _ => return self.kind_other(),
        };
        self.pick(chinese, english)
    }

    /// A group of values. No two kinds of record use one name for different things.
    pub fn group(self, group: &str) -> &'static str {
        let (chinese, english) = match group {
            "" => ("整条记录", "The whole record"),
            "address" => ("地址", "Address"),
            "landlord" => ("房东", "Landlord"),
            "letting" => ("出租情况", "Letting"),
            "letter" => ("治安责任书", "Letter of responsibility"),
            "registration" => ("备案", "Registration"),
            "label" => ("房间号", "Room number"),
            "size" => ("房间面积", "Size of the room"),
            "grade" => ("分级", "Grade"),
            "grade_wanted" => ("建议的分级", "Proposed grade"),
            "charge" => ("整改责任人", "Who mends it"),
            "identity" => ("身份", "Identity"),
            "hukou" => ("户籍", "Household registration"),
            "contact" => ("联系方式", "Contact"),
            "guardian" => ("监护人", "Guardian"),
            "declared" => ("申报", "Declaration"),
            "why" => ("居住事由", "Reason"),
            "intent" => ("拟住时间", "Intended stay"),
            "work" => ("服务处所", "Work"),
            "status" => ("登记状态", "State"),
            "handed" => ("移交", "Hand-over"),
            "due" => ("期限", "Deadline"),
            "period" => ("居住时间", "Time of the stay"),
            "firm" => ("承租单位", "The firm that rents it"),
            "relation" => ("与承租人关系", "Relation to the tenant"),
            "said" => ("报送内容", "What was reported"),
            "document" => ("证件", "Document"),
            "receipt" => ("回执", "Receipt"),
            "check" => ("核实", "Verification"),
            "state" => ("办理情况", "Progress"),
            "what" => ("冲突内容", "What clashed"),
            "settled" => ("处理结果", "What was decided"),
            "who" => ("本人", "Who"),
            "where" => ("住处", "Where"),
            "place" => ("所属村社区", "Village"),
            "number" => ("编号", "Number"),
            "plate" => ("门牌", "Plate"),
            "plate_wanted" => ("申请换牌", "Another plate asked for"),
            "fact" => ("情况", "What was seen"),
            "dead" | "delete" => ("撤销", "Taken back"),
            "restore" => ("恢复", "Brought back"),
            "alias" | "merged" => ("合并登记", "Joined"),
            "apart" => ("拆分", "Taken apart"),
            "match" => ("同一证件", "Same document"),
            "asked" => ("申请事项", "What is asked for"),
            "materials" => ("申请材料", "Materials"),
            "accepted" => ("受理", "Acceptance"),
            "slip" => ("受理回执", "Acceptance slip"),
            "decided" => ("审核", "Decision"),
            "closed" => ("结束", "Closing"),
            "issued" => ("证件签发", "Issue"),
            "restored" => ("恢复登记", "Brought back"),
            "weighed" => ("同一天两种说法，按后看到的算", "Two words of one day: the later counts"),
            _ => return self.group_other(),
        };
        self.pick(chinese, english)
    }

    fn field_words(self, group: &str, field: &str) -> Option<FieldWords> {
        Some(match (group, field) {
            (_, "area") => ("村社区", "Village", ""),
            (_, "natural_group") => ("自然村、组", "Hamlet or group", ""),
            (_, "road") => ("路、街、巷", "Road", ""),
            (_, "compound") => ("小区", "Compound", ""),
            (_, "plate_no") => ("门牌号", "Plate", ""),
            (_, "building") => ("幢", "Building", ""),
            (_, "unit_no") => ("单元", "Entrance", ""),
            (_, "floor") => ("楼层", "Floor", ""),
            ("hukou", "address") => ("户籍详址", "Household address", ""),
            ("hukou", "region") => ("户籍地", "Household region", ""),
            ("plate", "no") => ("第几块", "Which one", ""),
            ("plate_wanted", "replaces") => ("旧牌", "Former plate", ""),
            ("fact", "proof") => ("到场凭据", "Proof", "VisitProof"),
            ("status", "note") => ("依据", "Seen or heard", ""),
            ("identity", "note") => ("身份说明", "How identified", ""),
            (_, "note") => ("备注", "Note", ""),
            ("firm", "name") => ("单位名称", "Name of the firm", ""),
            ("registration", "into") => ("并入", "Merged into", ""),
            ("period", "reason") => ("结束原因", "Why it ended", "TenancyEnd"),
            (_, "name") => ("姓名", "Name", ""),
            (_, "phone") => ("电话", "Phone", ""),
            (_, "use") => ("用途", "Use", "UnitUse"),
            (_, "mode") => ("出租方式", "How it is let", "LettingMode"),
            (_, "tenure") => ("房屋性质", "Tenure", "TenureKind"),
            (_, "area_m2x100") => ("面积（平方米）", "Square metres", "m2"),
            (_, "beds") => ("床位", "Beds", ""),
            (_, "signer") => ("签订人", "Signed by", ""),
            (_, "signed_on") => ("签订日期", "Signed on", "day"),
            (_, "valid_to") => ("有效期至", "Valid to", "day"),
            ("registration", "state") => ("状态", "State", "UnitStatus"),
            ("state", "to") => ("移交给", "Handed to", "HandedTo"),
            (_, "item") => ("检查项", "Item", "Item"),
            (_, "severity") => ("严重程度", "How grave", ""),
            (_, "description") => ("情况", "What is the matter", ""),
            (_, "responsible") => ("整改责任人", "Who mends it", "Responsible"),
            (_, "fixed") => ("已改好", "Mended", "bool"),
            (_, "usable_m2x100") => ("使用面积（平方米）", "Usable square metres", "m2"),
            (_, "grade") => ("分级", "Grade", "Grade"),
            (_, "reviewer") => ("审核人", "Decided by", ""),
            ("grade" | "grade_wanted", "reason") => ("原因", "Why", ""),
            ("registration", "reason") => ("注销原因", "Why closed", "UnitCloseReason"),
            ("status", "reason") => ("注销原因", "Why cancelled", "CancelReason"),
            ("why", "reason") => ("居住事由", "Reason", "Reason"),
            ("check", "reason") => ("退回原因", "Why returned", ""),
            ("asked" | "issued", "kind") => ("证件", "Permit", "PermitKind"),
            (_, "ground") => ("申领理由", "Ground", "Ground"),
            (_, "months") => ("申领月数", "Months", ""),
            (_, "pack") => ("适用规定", "Rules", ""),
            (_, "counted_from") => ("居住起算日", "Counted from", "day"),
            (_, "eligible_on") => ("可申领日", "Can be asked for from", "day"),
            (_, "told_on") => ("告知补正日", "Told what is missing on", "day"),
            ("decided", "reason") => ("不予办理的理由", "Why refused", ""),
            (_, "valid_until") => ("有效期至", "Valid until", "day"),
            (_, "continuity_start") => ("连续居住起算日", "Continuous residence since", "day"),
            (_, "card_no") => ("原证号", "Number on the card", ""),
            ("fact", "what") => ("事项", "What", "PermitEventKind"),
            ("fact", "since") => ("变更日期", "Changed on", "day"),
            ("fact", "reason") => ("注销原因", "Why ended", "EndReason"),
            (_, "left_on") => ("离开日期", "Left on", "day"),
            (_, "state") => ("状态", "State", "state"),
            (_, "label") => ("房间号", "Room number", ""),
            (_, "doc_type") => ("证件类型", "Kind of document", "DocType"),
            (_, "doc_no") => ("证件号码", "Document number", ""),
            (_, "doc_tail") => ("证件后四位", "Document tail", ""),
            (_, "birth") => ("出生日期", "Born", "day"),
            (_, "sex") => ("性别", "Sex", "Sex"),
            (_, "none_reason") => ("没有电话的原因", "Why no phone", "PhoneNoneReason"),
            (_, "registered_on") => ("登记日期", "Registered on", "day"),
            (_, "first_arrival_on") => ("来本县日期", "Came on", "day"),
            (_, "reported_on") => ("房东报送日期", "Reported on", "day"),
            (_, "arrival_on") => ("入住日期", "Moved in on", "day"),
            (_, "event_on") => ("发生日期", "Happened on", "day"),
            (_, "channel") => ("来源", "Came by", "Channel"),
            (_, "notice") => ("告知书版本", "Notice", ""),
            (_, "place_kind") => ("居住处所", "Kind of place", "PlaceKind"),
            (_, "code") => ("拟住时间", "Intended stay", "IntendedStay"),
            (_, "until") => ("拟住到", "Until", "day"),
            (_, "employer") => ("服务处所", "Employer", ""),
            (_, "relation") => ("与承租人关系", "Relation to the tenant", "Relation"),
            (_, "lessee") => ("是承租人", "Is the tenant", "bool"),
            (_, "from") => ("开始", "From", "day"),
            (_, "to") => ("结束", "To", "day"),
            (_, "on") => ("日期", "On", "day"),
            (_, "kind") => ("事项", "Matter", "ReportKind"),
            (_, "no") => ("编号", "Number", ""),
            (_, "on_time") => ("按时", "On time", "bool"),
            (_, "received_unix_ms") => ("收到时间", "Received", "moment"),
            (_, "result") => ("结果", "Result", "result"),
            (_, "number") => ("编号", "Number", ""),
            _ => return None,
        })
    }

    /// A field's name; `None` for what no person reads.
    pub fn field(self, group: &str, field: &str) -> Option<&'static str> {
        if SILENT.contains(&field) {
            return None;
        }
        self.field_words(group, field).map(|(chinese, english, _)| self.pick(chinese, english))
    }

    /// A group's fields as lines of name and value, for people: ids and what this version does not know are left out.
    pub fn field_lines(self, group: &str, fields: &Fields, today: &str) -> Vec<(&'static str, String)> {
        fields
            .iter()
            .filter_map(|(field, value)| Some((self.field(group, field)?, self.value(group, field, value, today)?)))
            .collect()
    }

    fn value(self, group: &str, field: &str, value: &Value, today: &str) -> Option<String> {
        let (_, _, table) = self.field_words(group, field)?;
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(true) => self.yes().to_owned(),
            Value::Bool(false) => self.no().to_owned(),
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
        };
        if text.is_empty() {
            return None;
        }
        Some(match table {
            "day" => self.plain_day(&text, today),
            "moment" => value.as_i64().map_or(text, |at| self.moment(at, today)),
            "m2" => value.as_i64().map_or(text, |hundredths| {
                if hundredths % 100 == 0 { (hundredths / 100).to_string() } else { format!("{:.2}", hundredths as f64 / 100.0) }
            }),
            "state" => self.state(&text).map_or(text, str::to_owned),
            // What was found about a person, or behind a door.
            "result" => {
                let found = self.label_in("VisitPersonResult", &text).or_else(|| self.label_in("VisitResult", &text));
                found.map_or(text, str::to_owned)
            }
            "" | "bool" => text,
            table => self.label_in(table, &text).map_or(text, str::to_owned),
        })
    }

    /// A state as it is stored in a `state` field, or as the officer's list names it.
    pub fn state(self, state: &str) -> Option<&'static str> {
        let (chinese, english) = match state {
            "active" => ("在住", "Lives here"),
            "to_place" => ("待安置", "To be placed"),
            "contradicted" => ("说法不一", "Contradicting words"),
            "none" => ("未登记", "Not registered"),
            "cancelled" => ("已注销", "Cancelled"),
            "accepted" => ("已核实", "Verified"),
            "returned" => ("已退回", "Returned"),
            "withdrawn" => ("已撤回", "Withdrawn"),
            "received" => ("待核实", "To be verified"),
            "local" => ("未送达", "Not sent yet"),
            "open" => ("待处理", "Open"),
            "handed" => ("已移交", "Handed over"),
            "restored" => ("已放回", "Put back"),
            "kept" => ("已保留", "Kept"),
            "settled" => ("已处理", "Settled"),
            "merged" => ("已合并", "Joined"),
            "same" => ("同一人", "The same person"),
            "different" => ("两个人", "Two people"),
            "dead" => ("已撤销", "Taken back"),
            "missing" => ("材料待补", "Materials missing"),
            "taken" => ("已受理", "Accepted"),
            "review" => ("审核中", "In review"),
            "approved" => ("待制证", "Approved"),
            "refused" => ("不予办理", "Refused"),
            "issued" => ("已签发", "Issued"),
            "to_hand_out" => ("待发放", "To hand out"),
            "handed_out" => ("已发放", "Handed out"),
            "replace" => ("待补换证", "To be replaced"),
            "endorse_due" => ("待签注", "To be endorsed"),
            "suspended" => ("功能中止", "Suspended"),
            "expired" => ("已过期", "Expired"),
            "to_end" => ("待注销", "To be ended"),
            "change_due" => ("待变更", "To be changed"),
            "ended" => ("已注销", "Ended"),
            other => return self.label_in("UnitStatus", other).or_else(|| self.label_in("HazardState", other)),
        };
        Some(self.pick(chinese, english))
    }
}

#[cfg(test)]
mod tests {
    use domain::kind;
    use domain::unit::UnitForm;
    use serde_json::json;

    use super::*;
    use crate::words::{BOTH, assert_spoken};

    #[test]
    fn every_kind_and_state_is_named() {
        for words in BOTH {
            for kind in kind::ALL {
                assert_ne!(words.kind(kind), words.kind_other(), "{kind} has a name of its own");
                assert_spoken(words, words.kind(kind), kind);
            }
            for state in [
                "active",
                "cancelled",
                "accepted",
                "returned",
                "withdrawn",
                "open",
                "handed",
                "taken",
                "issued",
                "REGISTERED",
                "PENDING",
            ] {
                assert_spoken(words, words.state(state).expect("a state people read"), state);
            }
        }
    }

    #[test]
    fn every_group_a_form_writes_has_a_name_and_every_field_one_or_is_silent() {
        let today = domain::form::parse_date("2026-11-23").expect("a date of the test");
        let unit = UnitForm { letter_signed: true, area_m2: "120.5".to_owned(), beds: "3".to_owned(), ..UnitForm::default() };
        let mut groups: Vec<(String, Fields)> = unit.groups().into_iter().collect();
        let child = domain::person::ResidentForm { birth: "2020-01-01".to_owned(), ..Default::default() };
        groups.extend(child.person_groups(today));
        for words in BOTH {
            for (group, fields) in &groups {
                assert_ne!(words.group(group), words.group_other(), "{group}");
                assert_spoken(words, words.group(group), group);
                for field in fields.keys() {
                    let named = words.field(group, field);
                    assert!(named.is_some() || SILENT.contains(&field.as_str()), "{group}.{field} has no name");
                    if let Some(name) = named {
                        assert_spoken(words, name, field);
                    }
                }
            }
        }
    }

    #[test]
    fn values_are_read_by_people() {
        let words = Words::default();
        let fields = json!({ "reason": "204", "place_kind": "30", "visit": "018f", "future_field": 1 });
        let lines = words.field_lines("why", fields.as_object().expect("an object"), "2026-11-23");
        assert_eq!(lines, [("居住处所", "租赁房屋".to_owned()), ("居住事由", "务工".to_owned())]);
        for (code, said) in [("NOT_MET", "未见"), ("NO_ANSWER", "无人"), ("DONE", "完成")] {
            let fields = json!({ "result": code, "visit": "018f" });
            let lines = words.field_lines("fact", fields.as_object().expect("an object"), "2026-11-23");
            assert_eq!(lines, [("结果", said.to_owned())]);
        }
        let fields = json!({ "area_m2x100": 12050, "mode": "ROOM" });
        let lines = words.field_lines("letting", fields.as_object().expect("an object"), "2026-11-23");
        assert_eq!(lines, [("面积（平方米）", "120.50".to_owned()), ("出租方式", "按间出租".to_owned())]);
    }
}

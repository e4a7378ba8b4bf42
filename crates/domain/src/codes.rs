//! The short code tables: each enum is a table of code, Chinese label and English label.
//!
//! Codes are what is stored and sent, so they never change their meaning. A code this version does not know is no value of
//! these enums: the caller keeps the field as it came (`from_code` answers `None`) and shows it nowhere.

/// Writes one enum as a table: a variant, its code, its words.
///
/// `offered` names what a form shows, in the form's order; without it everything is offered in the table's order. Codes that
/// are not offered are still read, because old data and other systems hold them.
macro_rules! codes {
    (
        $(#[$doc:meta])*
        $name:ident {
            $( $variant:ident = $code:literal, $zh:literal, $en:literal; )+
        }
    ) => {
        $crate::codes::codes! {
            $(#[$doc])*
            $name {
                $( $variant = $code, $zh, $en; )+
            }
            offered [ $( $variant )+ ]
        }
    };
    (
        $(#[$doc:meta])*
        $name:ident {
            $( $variant:ident = $code:literal, $zh:literal, $en:literal; )+
        }
        offered [ $( $offered:ident )+ ]
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $(
                #[doc = $en]
                #[serde(rename = $code)]
                $variant,
            )+
        }

        impl $name {
            /// Every code of the table, in its order.
            pub const ALL: &'static [Self] = &[ $( Self::$variant ),+ ];
            /// What a form offers, in the order a form shows it.
            pub const OFFERED: &'static [Self] = &[ $( Self::$offered ),+ ];

            /// The stored code.
            pub fn code(&self) -> &'static str {
                match self { $( Self::$variant => $code, )+ }
            }

            /// The label in Chinese.
            pub fn zh(&self) -> &'static str {
                match self { $( Self::$variant => $zh, )+ }
            }

            /// The label in English.
            pub fn en(&self) -> &'static str {
                match self { $( Self::$variant => $en, )+ }
            }

            /// The value with this code; `None` for a code of another version or another system.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $( $code => Some(Self::$variant), )+ _ => None }
            }
        }
    };
}
pub(crate) use codes;

codes! {
    /// Sex, GB/T 2261.1.
    Sex {
        Unknown = "0", "未知", "Unknown";
        Male = "1", "男", "Male";
        Female = "2", "女", "Female";
        NotStated = "9", "未说明", "Not stated";
    }
    offered [Male Female Unknown NotStated]
}

codes! {
    /// Why somebody lives here (居住事由), the codes police systems exchange.
    ///
    /// 203 (naturalised), 217 (petitioning) and 218 (vagrancy) exist in those systems and are left out on purpose: the first
    /// is no business of this register and the others label people.
    Reason {
        JoinRelatives = "131", "投靠亲友", "Joining family or friends";
        Investing = "201", "投资", "Investing";
        BuyingHome = "202", "购房", "Bought a home";
        Working = "204", "务工", "Working";
        Farming = "205", "务农", "Farming";
        Trading = "206", "经商", "Running a business";
        Studying = "207", "求学", "Studying";
        ServiceTrade = "208", "服务业", "Service trade";
        HouseKeeping = "209", "保姆", "Domestic work";
        BusinessTrip = "210", "因公出差", "Business trip";
        Seconded = "211", "派出工作", "Seconded";
        Training = "212", "借读培训", "Training or guest pupil";
        MedicalCare = "213", "治病疗养", "Medical care";
        Visiting = "214", "探亲访友", "Visiting family or friends";
        Returning = "215", "回原籍", "Returning to the place of origin";
        Travelling = "216", "旅游度假", "Travelling";
        Other = "999", "其他", "Other";
    }
    offered [Working Trading ServiceTrade Farming JoinRelatives Studying Training MedicalCare Visiting Other]
}

codes! {
    /// What kind of place somebody lives in (居住处所).
    ///
    /// Coordinators asked for fewer kinds (“we only need to know lease or not”), so the form offers the few they meet.
    PlaceKind {
        Trade = "10", "行业场所", "Commercial lodging";
        Hotel = "11", "宾馆旅店", "Hotel";
        FamilyInn = "12", "家庭旅店", "Family inn";
        Bathhouse = "13", "留宿洗浴", "Bathhouse with lodging";
        ServicedFlat = "14", "酒店式公寓", "Serviced flat";
        Dwelling = "20", "普通住宅", "Ordinary dwelling";
        OwnHome = "21", "自有住房", "Own home";
        PublicHome = "22", "公有住房", "Public housing";
        ResidentHome = "23", "居民家中", "A resident's home";
        Rented = "30", "租赁房屋", "Rented home";
        UnitInside = "40", "单位内部", "Inside an organisation";
        Office = "41", "机关团体", "Government or association";
        Company = "42", "企事业单位", "Company or institution";
        School = "43", "学校", "School";
        Army = "44", "部队", "Army";
        Religious = "50", "宗教场所", "Religious place";
        Care = "60", "治疗养老场所", "Medical or elderly care";
        Hospital = "61", "医院", "Hospital";
        Sanatorium = "62", "疗养院", "Sanatorium";
        Rehabilitation = "63", "康复中心", "Rehabilitation centre";
        CareHome = "64", "养老院", "Care home";
        Temporary = "70", "流动（临时）场所", "Temporary place";
        BuildingSite = "71", "工地工棚", "Building site";
        Boat = "72", "水上船舶", "Boat";
        Shop = "73", "商铺摊点", "Shop or stall";
        Shelter = "80", "救助场所", "Shelter";
        Other = "90", "其他", "Other";
    }
    offered [Rented ResidentHome OwnHome Company BuildingSite Shop School Other]
}

codes! {
    /// How long somebody means to stay.
    IntendedStay {
        OneMonth = "1", "一个月", "One month";
        ThreeMonths = "2", "三个月", "Three months";
        SixMonths = "3", "六个月", "Six months";
        OneYear = "4", "一年", "One year";
        TwoYears = "5", "两年", "Two years";
        ThreeYears = "6", "三年", "Three years";
    }
}

impl IntendedStay {
    /// The length in months, for the day the stay is expected to end.
    pub fn months(self) -> u32 {
        match self {
            Self::OneMonth => 1,
            Self::ThreeMonths => 3,
            Self::SixMonths => 6,
            Self::OneYear => 12,
            Self::TwoYears => 24,
            Self::ThreeYears => 36,
        }
    }
}

codes! {
    /// Why a residency was cancelled. `MOVED` is written by a move inside the county, never chosen.
    CancelReason {
        Left = "LEFT", "离开本县", "Left the county";
        Moved = "MOVED", "县内迁移", "Moved inside the county";
        Hukou = "HUKOU", "转为本地户口", "Became a local household member";
        Death = "DEATH", "死亡", "Died";
        Duplicate = "DUP", "重复登记", "Registered twice";
        Error = "ERR", "误登记", "Registered by mistake";
        Exempt = "EXEMPT", "不属登记对象", "Need not register";
        Other = "OTHER", "其他", "Other";
    }
    offered [Left Hukou Death Duplicate Error Exempt Other]
}

codes! {
    /// What a resident is to the home's contact person.
    Relation {
        Lessee = "LESSEE", "承租人", "Tenant on the lease";
        Family = "FAMILY", "亲属", "Family of the tenant";
        Coworker = "COWORKER", "同事", "Colleague";
        Friend = "FRIEND", "朋友", "Friend";
        Employee = "EMPLOYEE", "雇员", "Employee";
        Other = "OTHER", "其他", "Other";
    }
}

codes! {
    /// What a rental home is used for.
    UnitUse {
        Living = "LIVING", "居住", "Living";
        LivingMixed = "LIVING_MIXED", "居住兼经营", "Living and business";
        Dorm = "DORM", "集体宿舍", "Dormitory";
    }
}

codes! {
    /// How a rental home is let.
    LettingMode {
        Whole = "WHOLE", "整套出租", "As a whole";
        Room = "ROOM", "按间出租", "By the room";
        Bed = "BED", "按床位出租", "By the bed";
        Daily = "DAILY", "日租", "By the day";
    }
}

codes! {
    /// Who owns a rental home.
    TenureKind {
        Private = "PRIVATE", "私有", "Private";
        Public = "PUBLIC", "公有", "Public";
        Collective = "COLLECTIVE", "集体所有", "Collective";
        Unit = "UNIT", "单位自管", "Owned by an organisation";
    }
}

codes! {
    /// Where a rental home stands (`domain.md` §8.3).
    UnitStatus {
        Pending = "PENDING", "待登记", "To be registered";
        Registered = "REGISTERED", "已登记", "Registered";
        Paused = "PAUSED", "停租", "Not let at present";
        Closed = "CLOSED", "已注销", "Closed";
    }
}

codes! {
    /// Why a rental home is no longer let. The first is the reason of a pause; a closing is one of the others; a home entered twice is merged, never chosen.
    UnitCloseReason {
        Stopped = "1", "停租", "No longer let";
        Sold = "2", "出售", "Sold";
        Demolished = "3", "拆迁", "Demolished";
        Duplicate = "5", "重复登记，已并入", "Entered twice: merged";
        Other = "9", "其他", "Other";
    }
    offered [Sold Demolished Other]
}

codes! {
    /// How a visit to a home ended.
    VisitResult {
        Done = "DONE", "完成", "Done";
        NoAnswer = "NO_ANSWER", "无人", "Nobody home";
        Refused = "REFUSED", "拒绝", "Refused";
        Vacant = "VACANT", "空置", "Vacant";
        OwnerLives = "OWNER_LIVES", "自住", "The owner lives there";
        Renovating = "RENOVATING", "装修", "Being renovated";
        NoAddress = "NO_ADDRESS", "地址不存在", "No such address";
    }
}

codes! {
    /// What a visit found about one resident.
    VisitPersonResult {
        Here = "HERE", "在住", "Lives here";
        HereChanged = "HERE_CHANGED", "信息有变", "Lives here, details changed";
        MovedInBuilding = "MOVED_IN_BUILDING", "同楼换房", "Another room in the building";
        MovedInCounty = "MOVED_IN_COUNTY", "县内搬走", "Moved inside the county";
        Left = "LEFT", "离开本县", "Left the county";
        NotMet = "NOT_MET", "未见", "Not met";
        Refused = "REFUSED", "拒绝", "Refused";
        NotExist = "NOT_EXIST", "查无此人", "No such person";
    }
}

impl VisitPersonResult {
    /// Whether the visit saw the person living at this home.
    pub fn is_here(self) -> bool {
        matches!(self, Self::Here | Self::HereChanged | Self::MovedInBuilding)
    }

    /// Whether the person was met, willing or not.
    pub fn was_met(self) -> bool {
        self.is_here() || self == Self::Refused
    }

    /// Whether the visit says the person no longer lives at this home.
    pub fn is_gone(self) -> bool {
        matches!(self, Self::MovedInCounty | Self::Left | Self::NotExist)
    }
}

impl VisitResult {
    /// Whether somebody was met at the door. Where nobody was, everybody registered there was missed.
    pub fn met_somebody(self) -> bool {
        matches!(self, Self::Done | Self::Refused)
    }

    /// Whether somebody has to come again, and may say when.
    pub fn may_come_again(self) -> bool {
        matches!(self, Self::NoAnswer | Self::Refused)
    }
}

codes! {
    /// When somebody comes again to a door nobody opened, or whose people did not want to.
    NextSlot {
        TodayEvening = "TODAY_EVENING", "今天晚上", "This evening";
        TomorrowEvening = "TOMORROW_EVENING", "明天晚上", "Tomorrow evening";
        Weekend = "WEEKEND", "周末", "At the weekend";
        None = "NONE", "先不约", "Not yet";
    }
}

codes! {
    /// What there is to say that somebody stood at a door: the phone's word, and no track of where it was.
    VisitProof {
        PlateScan = "PLATE_SCAN", "扫过门牌", "Plate scanned";
        LandlordSign = "LANDLORD_SIGN", "房东签字", "Signed by the landlord";
        None = "NONE", "没有", "None";
    }
}

codes! {
    /// Where a registration came from.
    Channel {
        FieldApp = "FIELD_APP", "上门采集", "At the door";
        Landlord = "LANDLORD", "出租人报送", "Landlord's report";
        Own = "SELF", "本人申报", "The resident's own declaration";
        Employer = "EMPLOYER", "用人单位报送", "Employer's report";
        Counter = "COUNTER", "窗口登记", "At the counter";
        Import = "IMPORT", "数据导入", "Imported";
    }
}

impl Channel {
    /// Whether the resident declared it in person. Only such a declaration starts the residence clock by itself (2016 Art. 16).
    pub fn is_own_declaration(self) -> bool {
        matches!(self, Self::FieldApp | Self::Own | Self::Counter)
    }
}

codes! {
    /// What a landlord or an employer reports.
    ReportKind {
        MoveIn = "MOVE_IN", "入住", "Moved in";
        MoveOut = "MOVE_OUT", "搬离", "Moved out";
        Change = "CHANGE", "变更", "Changed";
        NoChange = "NO_CHANGE", "无变化", "No change";
        Hire = "HIRE", "录用", "Hired";
        Leave = "LEAVE", "离职", "Left the job";
    }
}

codes! {
    /// Why a resident's record has no telephone number.
    PhoneNoneReason {
        NoPhone = "NO_PHONE", "本人无电话", "Has no telephone";
        Child = "CHILD", "未成年人，联系监护人", "A child: call the guardian";
        Refused = "REFUSED", "不愿提供", "Does not wish to give it";
        NotMet = "NOT_MET", "未见本人，暂未取得", "Not met yet";
        Other = "OTHER", "其他", "Other";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_travels_as_itself_and_comes_back() {
        for reason in Reason::ALL {
            let json = serde_json::to_string(reason).expect("a unit variant serialises");
            assert_eq!(json, format!("\"{}\"", reason.code()));
            assert_eq!(serde_json::from_str::<Reason>(&json).expect("reads its own code"), *reason);
            assert_eq!(Reason::from_code(reason.code()), Some(*reason));
        }
        assert_eq!(serde_json::to_string(&Channel::Own).expect("serialises"), "\"SELF\"");
        assert_eq!(IntendedStay::from_code("4").map(IntendedStay::months), Some(12));
    }

    #[test]
    fn labels_of_people_are_not_in_the_table() {
        for hidden in ["203", "217", "218"] {
            assert_eq!(Reason::from_code(hidden), None, "{hidden} must stay unknown to this register");
        }
        assert_eq!(Reason::OFFERED.first(), Some(&Reason::Working), "the commonest reason comes first");
        assert!(!CancelReason::OFFERED.contains(&CancelReason::Moved), "a move writes MOVED, a person does not choose it");
    }
}

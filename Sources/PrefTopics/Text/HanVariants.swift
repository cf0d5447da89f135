/// Traditional characters as the simplified ones, as far as topic terms are written with them.
enum HanVariants {
    static func simplified(_ scalar: UInt32) -> UInt32 { table[scalar] ?? scalar }

    private static let pairs = """
        殺杀們们這这個个國国會会選选舉举統统總总黨党權权愛爱醫医藥药療疗癌癌檢检診诊術术婦妇產产\
        兒儿嬰婴懷怀孕孕墮堕胎胎離离婚婚遺遗囑嘱訴诉訟讼律律師师罰罚獄狱犯犯證证稅税錢钱貸贷債债\
        資资買买賣卖險险銀银幣币槍枪彈弹藥药製制造造爆爆炸炸毒毒氣气機机體体傷伤害害殘残結结束束\
        軍军戰战爭争難难種种族族歧歧視视宗宗教教聖圣經经靈灵魂魂罪罪過过寶宝貝贝媽妈爸爸孩孩學学\
        幾几劑剂過过量量誤误吞吞食食飲饮漂漂白白劑剂農农藥药壓压憂忧鬱郁慮虑緒绪恐恐懼惧覺觉睡睡\
        頭头腦脑臟脏腫肿瘤瘤糖糖尿尿發发燒烧喘喘呼呼吸吸昏昏倒倒麼么樣样為为從从來来對对應应該该\
        說说話话問问題题請请幫帮寫写詩诗電电腦脑網网絡络書书讀读開开關关閉闭進进程程運运動动員员\
        勞劳動动僱雇傭佣賠赔償偿違违規规約约護护照照簽签證证邊边境境門门東东條条無无線线業业務务\
        萬万億亿歲岁與与後后還还給给讓让見见長长間间時时點点現现實实報报導导聞闻論论議议獨独裁裁\
        臺台灣湾濟济財财經经紅红綠绿藍蓝黃黄鐵铁餓饿飯饭雞鸡魚鱼鳥鸟馬马豬猪貓猫廣广場场車车輛辆\
        養养龍龙鳳凤畫画筆笔樂乐歡欢喜喜劇剧戲戏電电視视頻频聽听聲声響响備备戀恋慾欲處处繼继續续
        """

    private static let table: [UInt32: UInt32] = {
        let scalars = Array(pairs.unicodeScalars)
        var table: [UInt32: UInt32] = [:]
        for index in stride(from: 0, to: scalars.count - 1, by: 2) {
            table[scalars[index].value] = scalars[index + 1].value
        }
        return table
    }()
}

public import PrefModel

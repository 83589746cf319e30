// The English list: short, plain words that say nothing about whoever holds the card. The first four letters of each
// are its own, so that a word is told from the others before it is fully read. Made for this program.
#include "envelope/code_words.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace besa::envelope {
namespace {

constexpr std::string_view kEnglish =
    "able acorn acre across actor adapt add adjust admire adobe adopt advice aerial affair afloat after again "
    "agent agile agree ahead aim aisle album alcove alert algae alike alive alley allow almond aloe along alpine "
    "already also alto always amber amend amount ample amuse anchor angle animal ankle annual answer ant anthem "
    "antique anvil anyone apart apple apricot apron aqua arbor arcade arch arctic area arena arise aroma around "
    "arrange arrow article ascend ash ask aspect asset assist aster atlas atom attend attic auburn audio august "
    "author autumn avenue average avocado avoid awake award away awning axis axle azure back bacon badge bagel "
    "bake balance balcony ball bamboo banana band banjo bank banner barber bargain barley barn baron barrel base "
    "basic basket bass batch bath baton bay beach beam bean beauty beaver become bee beech beetle begin behave "
    "behind beige being believe bell below bench bend benefit berry beside best better between beyond bicycle "
    "big bike bill birch bird biscuit bison bit blanket blend blimp blink bliss block blond bloom blossom blouse "
    "blue blur board boast boil bold bolt bonnet bonus book boot border borrow botany bottle boulder bounce bowl "
    "box bracket braid branch brass brave bread breeze brick bridge brief bright bring brisk broad broccoli "
    "bronze brook broth brown brush bubble bucket bud budget buffalo bugle build bulb bumper bunch bundle "
    "bungalow bunny bureau burger burrow bush business busy butter buzz cabbage cabin cable cactus cafe cake "
    "calcium calendar calf calm camel camp canal candle canoe canvas canyon capital captain car caramel career "
    "cargo carnival carol carpet carrot cart carve cascade cashew cast casual catalog catch cater cattle cause "
    "cedar ceiling celery cell cement center ceramic cereal certain chain chalk champion chance chapter charm "
    "chat check cheddar cheek chef cherry chess chew chicken chief chime chin chip choice choose chorus chrome "
    "chunk cider cinema cinnamon circle citrus city civic clam clap clarinet class clay clean clerk clever click "
    "cliff climb clip cloak clock clone close cloth cloud clover club clue cluster coach coat cobalt cocoa code "
    "coffee coil coin cold collar color column comb come comfort comic common compass concert confirm connect "
    "cook copper copy coral cord cork correct cosmic cost cottage couch count couple courage cover cow cozy crab "
    "craft crane crater crayon cream credit creek crest crew cricket crisp crop cross crowd cruise crumb crunch "
    "crust crystal cube cuckoo cuff cup curb curl current curtain curve cushion custom cute cycle cymbal "
    "daffodil daily dairy daisy dance dapple dash data date dawn day dear decade decent decide deck decor deer "
    "define degree delight delta denim dense depart depend depot depth deputy derby desert design desk detail "
    "detect develop device devote dew diagram dial diamond diary dice diesel diet differ digit dill dime dinner "
    "diploma direct dish disk display distance ditch divide dock dog doll dolphin domain dome donkey donor door "
    "dot double dough dove down dozen draft dragon drama draw dream dress drift drink drive drum duck due dune "
    "during dust duty dwell dynamo eager eagle early earn earth ease easy echo eclipse ecology edge edit educate "
    "effect effort egg either elastic elbow elder elect elegant element elephant elevate elk elm else embark "
    "emblem emerald employ enable enact encore energy engage engine enhance enjoy enough enrich enroll ensure "
    "enter entire entry envelope episode equal equip era errand essay estate eternal evening ever evident evolve "
    "exact example exceed excite excuse exercise exhibit exist exotic expand explain export express extend extra "
    "eye fable fabric face fact fade fair falcon famous fan fancy farm fashion faucet favor feast feather "
    "february feed feel fellow felt fence fennel fern ferry fetch fiber fiction fiddle field fifteen fig figure "
    "file film filter final finch find fine finger finish firm first fish flag flannel flask flat flavor flax "
    "fleece flex flight flint flip float flock floor flora flour flow fluent fluffy flute fly foam focus foil "
    "fold folk follow font foot forest forget fork fort forum forward fossil foster found fox frame freckle free "
    "freight fresh friday friend fringe frog front frost fruit fuel fund funnel fur furnace future fuzzy gadget "
    "galaxy gallery game gander gap garage garden garlic garment garnet gate gather gauge gaze gear gecko gel "
    "gem general genius genre gentle genuine geology gesture geyser giant gift giggle ginger giraffe give "
    "glacier glad glance glass glaze gleam glide glimpse glitter globe glory glove glow glue goat goblet gold "
    "golf gondola goose gopher gorge gourd govern gown grab grace grade grain grand grape grass gravel gray "
    "great green grid grill grin grip grocery groove group grove grow guava guess guide guitar gulf gull gust "
    "gym habit hail hair half hammer hamster hand happen harbor harmony harp harvest hatch haven hawk hay hazel "
    "head heat heavy hedge heel height helium hello helmet help hen herb herd hero herring hexagon hickory high "
    "hike hill hint history hive hobby hockey holiday hollow home honest honor hood hoop hope horizon horn horse "
    "host hotel hour house hover hub huge humble humid humor hundred hurry hut hyacinth hybrid hydrant ice "
    "icicle icon idea idle igloo ignite image imitate impact import improve inch include income increase indeed "
    "indigo indoor inform initial inland inlet inn inner input inquire insect inside inspire install intact "
    "interest into invent invite iris iron island issue itch item ivory ivy jacket jade jaguar jam january jar "
    "jasmine jazz jeans jelly jersey jet jewel jigsaw job join joke jolly journey joy jubilee juggle juice july "
    "jumbo jump june jungle junior just kale kangaroo karate kayak keen keep kelp kennel kernel kettle key "
    "keyboard kick kiln kilo kilt kind kiosk kitchen kite kitten kiwi knack knee knit knob knot koala label lace "
    "ladder lagoon lake lamb lamp land lane language lantern lapel laptop larch large lark laser last lather "
    "latitude laugh laundry laurel lava lavender lawn layer lazy leaf league leap learn leather leave lecture "
    "leek left legend leisure lemon length lens lentil leopard less letter level liberty library lid life light "
    "lilac lily lima limit linden link lion liquid list liter little lizard llama load loaf lobby lobster local "
    "locket lodge loft log logic long look loop loose lotion lotus loud lounge loyal lucky luggage lumber lunar "
    "lunch lung lupine luster lute luxury lynx lyric macaw machine magenta magic magnet magpie mahogany mail "
    "main major mallet mammal manage mandolin mango manner mansion mantle manual many maple marble march margin "
    "marigold mark maroon marsh mason mat matter maximum mayor maze meadow mean measure medal media melody melt "
    "member memo mention menu mercury merge meringue merry mesa message metal meteor method metric middle milk "
    "mime mimic mind mineral mingle minimum minnow mint minute mirror mist mitten mix mixture mobile model "
    "modify module moist moment monday monitor monkey month mood moon moose mop more morning mosaic moss motel "
    "moth motion motor mount mouse move movie muffin mulberry mule multiple mural muscle museum mushroom music "
    "muslin mutual myrtle myself myth nacho nail name nap napkin narrow nature nautical navy neat nectar need "
    "neighbor neptune nerve nest network neutral never nibble nice nickel night nimble noble node noise nomad "
    "noodle noon normal north nose note notice noun novel nozzle number nut nutmeg nylon oak oasis object oblong "
    "oboe observe obtain occur ocean october offer office often okay olive omega omelet once onion online only "
    "onyx opal open opera opinion optic orange orbit orchard order organ orient origin ornate ostrich other "
    "otter ounce outdoor outer outfit outline oval oven owl owner oxygen oyster ozone pack paddle page paint "
    "pair palace palm panda panel panther papaya paper parade parcel park parrot parsley pass pasta path pattern "
    "pause pave paw peace peak peanut pebble pecan pedal peel pelican pen pencil penguin people pepper perch "
    "perfect perhaps period petal phase phone photo phrase piano pick picnic picture pie piece pigeon pigment "
    "pillow pilot pink pioneer pipe pistachio pitcher pivot pizza place plain planet plaster plate play plaza "
    "please pledge plenty plot plow plum plus pocket podium poem poet point polar pole polish polka pollen polo "
    "pond pony pool popcorn poplar poppy popular porch portion position possible post potato pottery pouch pound "
    "powder power practice prairie prefer prepare present pretty prevent price pride primary prince prism prize "
    "problem produce profile program project promise proof proper prose proud provide prune public pudding "
    "puffin pull pulp pulse puma pump pupil puppet purchase pure purple purse push puzzle pyramid quail quality "
    "quantity quart query quest quick quiet quill quince quiver quiz quota rabbit rack radar radiant raft rain "
    "raise rally ramp ranch random range rapid rare rascal raspberry rattle raven ravine reach real reason "
    "rebuild recall receive recipe recycle red reduce reed reef refine reflect refresh regard region regular "
    "rehearse relax relief rely remain remember remind remote render renew rent repair repeat reply request "
    "research resin resort respect result retail return reveal review reward rhubarb rhyme rhythm ribbon rich "
    "ride ridge rim ring rinse ripe ripple rival river road roast robe robin robot rock rodeo roll roof room "
    "rose roster rotate rotor round route rover row royal rubber ruby rudder rug ruler rumble runner runway "
    "rural russet rye saddle safari saffron sage salad salmon salon salt salute sample sapling sapphire sardine "
    "satin saturn sauce sauna sausage savory saw scale scan scarf scatter scene schedule scholar science "
    "scissors scone scoop score scout screen script scroll scrub sculpt seal season second section see seem "
    "segment select self send senior sense sentence sequel series serve sesame session settle seven shade shake "
    "shallow shampoo shape shawl shed sheep shelf shield shift shine ship shirt shoe shop shore shoulder shovel "
    "show shrimp shrub shuffle shuttle sierra sift sight sign silence silk silver similar simple since sink size "
    "skate sketch ski skill skip skirt sky slate sled sleep slice slide slim slogan slope small smart smile "
    "snack snail snap sneaker snow snug soap soccer social sock soda sofa soft soil solar sole solid solo "
    "solution solve sonata song soothe sound soup south soy space spade spaniel spare speak special speed spell "
    "spend sphere spice spider spin spiral splash split sponge spoon sport spot spray spread spring sprout "
    "spruce square squid stable stack stadium staff stage stair stamp stand staple star state stay steam steel "
    "step stereo stew stick still stir stitch stock stone stool store stove straw stream string student stump "
    "sturdy style subject submit subway succeed sudden suede sugar suggest suit sum summer sun sunday sunset "
    "super supper surf surge surprise sushi swallow swan swap sway sweater sweet swift swim swing switch "
    "sycamore syllable symbol symphony syrup system table tackle tact talent talk tan tandem tangerine tape "
    "target tarragon tart task taste taxi tea teach teapot teddy telescope tempo tenant tender tennis tenor tent "
    "term terrace text thank thaw theater theme theory thermal thick thimble thing third thistle thorn thought "
    "thread thrift throne thumb thursday thyme ticket tide tidy tiger tile timber time tinsel tiny tissue title "
    "toad toast today toffee together token tomato tomorrow tone tonight tool tooth top topaz topic torch "
    "tortoise total totem tour toward towel town track trade traffic trail tram transit travel tray treasure "
    "tree trend trim trio trip trolley trombone tropic trot trout truck true truffle trumpet trunk trust truth "
    "try tuba tube tuesday tug tulip tumble tuna tundra tunnel turkey turn turquoise turtle tutor tweed twelve "
    "twenty twice twig twilight twin twirl twist two type typical ukulele umbrella umpire unable under unfold "
    "unicorn uniform union unique unit universe unlock until update uphill upon upper upright upstairs urban urn "
    "usage use useful usher usual utensil utmost vacant vacuum valid valley value valve vanilla vapor variety "
    "varnish vase vast vault vector vegetable vehicle veil velvet vendor venture venue verb verify vermilion "
    "verse vertical very vessel veteran via viaduct vibrant video view villa vine vintage vinyl viola virtue "
    "visit visor vista vital vivid vocal voice volley volume vote vowel voyage wafer waffle wage wagon waist "
    "wait walk wall walnut walrus waltz wander want warbler wardrobe warm wasp watch water wave wax wealth "
    "weasel weather weave web wedding wednesday week weigh welcome west whale wharf wheat wheel when where "
    "whisker whole why wick width wild wing winner winter wire wisdom wise wish wisteria with witty wolf wonder "
    "wool word world worth wrap wreath wren wrinkle wrist write yacht yak yam yard yawn year yeast yell yes "
    "yesterday yield yoga yogurt yolk yonder you young youth yoyo yucca zebra zenith zero zest zigzag zinc "
    "zinnia zipper zither zone zoo zoom zucchini";

// Split while compiling; a list of another length does not compile.
constexpr std::array<std::string_view, kCodeWords> split() {
  std::array<std::string_view, kCodeWords> out;
  std::size_t at = 0;
  for (std::string_view& word : out) {
    const std::size_t end = std::min(kEnglish.find(' ', at), kEnglish.size());
    word = kEnglish.substr(at, end - at);
    at = end + 1;
  }
  return out;
}
constexpr auto kWords = split();
static_assert(kWords.back().end() == kEnglish.end());

}  // namespace

std::span<const std::string_view> code_words() { return kWords; }

}  // namespace besa::envelope

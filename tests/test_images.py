"""A reader's own images become images like MNIST's, photos too, and what cannot is refused by name."""

import base64
import gzip
import io
import json
import sys

import numpy as np
import pytest
from support import idx_bytes

from helpers import DataError
from helpers.data import images, ink, pictures, strokes
from helpers.data.images import load_images
from helpers.data.ink import find_ink, prepare

Image = pytest.importorskip("PIL.Image", reason="Pillow comes with Matplotlib")
SYMBOLS = {name: many[:6] for name, many in strokes.bundled().items()}
IDEAL = strokes.part(SYMBOLS).images.reshape(5, 6, 28, 28)


def drawn(drawing, side=120, pen=4, box=(0.15, 0.85)):
    """A drawing on a sheet, as strengths from 0 for paper to 1 for ink."""
    sheet, (low, high) = np.zeros((side, side)), box
    points = np.concatenate([np.array(stroke) for stroke in drawing])
    start, extent = points.min(axis=0), np.ptp(points, axis=0).max()
    for stroke in drawing:
        stroke = side * (low + (high - low) * (np.array(stroke) - start) / extent)
        for one, other in zip(stroke, stroke[1:]):
            strokes._draw_line(sheet, one, other, pen / 2)
    return sheet


def photo(drawing, rng, side=360):
    """What a phone makes of a drawing: turned a little, blurred, in uneven light with a shadow, noisy, a JPEG."""
    place = rng.uniform(0.15, 0.3)
    sheet = Image.fromarray((255 * drawn(drawing, side, rng.uniform(4, 8), (place, place + 0.55))).astype("uint8"))
    from PIL import ImageFilter

    sheet = sheet.rotate(rng.uniform(-4, 4), Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(1))
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    turn, edge = rng.uniform(0, 2 * np.pi, 2)
    light = 190 * (1 + 0.25 * (np.cos(turn) * x + np.sin(turn) * y))
    light *= 1 - 0.3 / (1 + np.exp(-15 * (np.cos(edge) * x + np.sin(edge) * y - rng.uniform(-0.4, 0.4))))
    grey = light * (1 - 0.75 * np.asarray(sheet) / 255) + rng.normal(0, 6, light.shape)
    file = io.BytesIO()
    Image.fromarray(np.clip(grey, 0, 255).astype("uint8")).save(file, "JPEG", quality=70)
    return file.getvalue()


def likeness(image, other):
    """The correlation of two images, a little blurred."""
    one, other = (ink._blurred(array.astype("float32"), 1).ravel() for array in (image, other))
    return np.corrcoef(one, other)[0, 1]


def write_folder(folder, symbols=SYMBOLS, as_image=lambda sheet: Image.fromarray(255 - sheet), suffix="png"):
    """A folder of images for each symbol."""
    for name, many in symbols.items():
        (folder / name).mkdir(parents=True)
        for number, drawing in enumerate(many):
            sheet = np.rint(255 * drawn(drawing)).astype("uint8")
            as_image(sheet).save(folder / name / f"{number}.{suffix}")
    return folder


FEW = {name: many[:2] for name, many in list(SYMBOLS.items())[:3]}


def assert_alike(part, least=0.8, symbols=SYMBOLS):
    """Its images look as the same drawings do by way of `rasterise`."""
    ideal = strokes.part(dict(sorted(symbols.items())))
    assert part.digits == ideal.digits and np.array_equal(part.labels, ideal.labels)
    assert min(map(likeness, part.images, ideal.images)) > least


# --- one picture -------------------------------------------------------------------------------------------------


def test_mnist_comes_out_as_it_went_in(mnist):
    for image in mnist.test_images[:300]:
        if image.max() == 255:
            assert np.array_equal(prepare(find_ink(image)).image, image)
            assert np.array_equal(prepare(find_ink(255 - image)).image, image)


@pytest.mark.parametrize("side", [28, 50, 105, 700])
@pytest.mark.parametrize("dark", [True, False])
def test_size_polarity_and_the_width_of_the_pen_do_not_matter(side, dark):
    for name, many in SYMBOLS.items():
        sheet = 255 * drawn(many[0], side, pen=max(2, side / 60))
        found = find_ink(255 - sheet if dark else sheet)
        assert (found.dark, found.certain, found.uneven) == (dark, True, False)
        assert likeness(prepare(found).image, strokes.rasterise(many[0])) > 0.9, name


def test_thin_strokes_become_as_wide_as_drawn_ones():
    thin = [prepare(find_ink(255 * drawn(many[0], 300, pen=3))) for many in SYMBOLS.values()]
    assert all(one.thickened for one in thin)
    assert abs(np.mean([one.image.mean() for one in thin]) / IDEAL[:, 0].mean() - 1) < 0.15
    assert not prepare(find_ink(255 * drawn(SYMBOLS["heart"][0], 300, pen=50))).thickened


def test_photos_look_as_the_drawings_do(tmp_path):
    rng = np.random.default_rng(0)
    for name, many in SYMBOLS.items():
        (tmp_path / name).mkdir()
        for number, drawing in enumerate(many):
            (tmp_path / name / f"{number}.jpg").write_bytes(photo(drawing, rng))
    found = load_images(tmp_path)
    assert found.done == {"inverted": 30, "evened out": 30, "thickened": 30}
    assert_alike(found.part)


def test_what_hangs_over_from_outside_and_specks_are_left_out():
    rng = np.random.default_rng(0)
    sheet = drawn(SYMBOLS["heart"][0], 300, 6, (0.3, 0.7))
    clean = prepare(find_ink(255 * (1 - sheet))).image
    sheet[:, :8] = sheet[:40, -40:] = 1  # the edge of the table, a thumb
    sheet[rng.integers(10, 290, 30), rng.integers(10, 250, 30)] = 1
    grey = 200 - 150 * sheet + rng.normal(0, 4, sheet.shape)
    assert likeness(prepare(find_ink(grey)).image, clean) > 0.95


def test_filled_shapes_are_ink_too():
    y, x = np.mgrid[-1:1:200j, -1:1:200j]
    disc = x**2 + y**2 < 0.4
    for grey in (230 - 180.0 * disc, 230 - 180 * disc + np.random.default_rng(0).normal(0, 5, disc.shape) + 15 * x):
        image = prepare(find_ink(grey)).image
        assert image[14, 14] > 220 and image[4, 4] == 0


def test_patches_are_numbered_apart():
    mask = np.array([[1, 0, 1, 0, 1], [1, 0, 1, 0, 0], [0, 1, 0, 0, 1], [0, 0, 0, 1, 1]], bool)
    patches = ink.patches_of(mask)
    assert np.array_equal(patches > 0, mask) and len(np.unique(patches)) == 4
    assert patches[0, 0] == patches[0, 2] == patches[2, 1] != patches[0, 4] != patches[2, 4] == patches[3, 3]
    assert not ink.patches_of(np.zeros((3, 3), bool)).any()


def test_otsu_parts_two_groups():
    rng = np.random.default_rng(0)
    assert 0.3 < ink.otsu(np.concatenate([rng.normal(0.1, 0.05, 5000), rng.normal(0.8, 0.05, 300)])) < 0.7


NOISE = 200 + np.random.default_rng(0).normal(0, 5, (150, 150))
FRAMED = np.pad(np.full((100, 100), 220.0), 5, constant_values=30)


@pytest.mark.parametrize(
    "grey, words",
    [
        (np.full((50, 50), 255), "nothing stands out from the paper; draw with a darker pen"),
        (np.full((50, 50), 0), "nothing stands out"),
        (NOISE, "nothing stands out"),
        (np.full((3, 4), 9), "only 4 × 3 pixels; at least 6"),
        (np.full((1, 90), 9), "only 90 × 1 pixels"),
        (np.pad(np.full((3, 3), 255), 20), "its ink is 3 × 3 pixels, too small"),
        (FRAMED, "ink seems to cover .* leave a margin of plain paper"),
    ],
)
def test_what_is_no_drawing_on_paper_is_refused_in_words(grey, words):
    with pytest.raises(strokes.DrawingError, match=words):
        prepare(find_ink(grey))


# --- folders -----------------------------------------------------------------------------------------------------


def test_a_folder_of_folders(tmp_path):
    found = load_images(write_folder(tmp_path / "mine"))
    assert_alike(found.part)
    assert (found.done["inverted"], found.left_out) == (30, 0) and len(found.before) == 5 * images.SHOWN
    assert all(picture.dtype == np.uint8 and picture.shape == (120, 120) for picture in found.before.values())
    assert str(found).startswith(
        "30 images of 5 classes, made like MNIST's: 30 inverted, 30 with thin lines thickened. All"
    )
    rows = found.by_class(3)
    assert list(rows) == sorted(SYMBOLS)[:3] and {len(pairs) for pairs in rows.values()} == {images.SHOWN}
    assert np.array_equal(rows["cross"][1][1], found.part.images[7])


def as_16_bits(sheet):
    return Image.fromarray((65535 - 257 * sheet.astype("uint16")).astype("uint16"))


def on_glass(sheet, colour=(40, 30, 90)):
    """Ink on a transparent ground."""
    return Image.merge("RGBA", [Image.new("L", sheet.shape, value) for value in colour] + [Image.fromarray(sheet)])


def upside_down(sheet):
    """As a camera stores what was taken upside down: turned, with a note."""
    image = Image.fromarray(255 - sheet).rotate(180)
    image.getexif()[0x0112] = 3
    return image


@pytest.mark.parametrize(
    "suffix, as_image",
    [
        ("png", lambda sheet: Image.fromarray(sheet)),
        ("png", lambda sheet: Image.fromarray(255 - sheet).convert("RGB")),
        ("png", lambda sheet: Image.fromarray(255 - sheet).convert("P")),
        ("png", lambda sheet: Image.fromarray(255 - sheet).convert("1")),
        ("png", lambda sheet: Image.fromarray(255 - sheet).convert("LA")),
        ("png", as_16_bits),
        ("png", on_glass),
        ("png", lambda sheet: on_glass(sheet, (250, 240, 255))),
        ("jpg", upside_down),
        ("jpeg", lambda sheet: Image.fromarray(255 - sheet).convert("CMYK")),
        ("gif", lambda sheet: Image.fromarray(255 - sheet)),
        ("bmp", lambda sheet: Image.fromarray(255 - sheet)),
        ("webp", lambda sheet: Image.fromarray(255 - sheet)),
        ("tif", as_16_bits),
        ("tiff", lambda sheet: Image.fromarray(1 - sheet.astype("float32") / 255)),
    ],
)
def test_pictures_of_every_kind(tmp_path, suffix, as_image):
    def save(sheet):
        image = as_image(sheet)
        image.encoderinfo = {}
        return image

    write_folder(tmp_path / "mine", FEW, save, suffix)
    if as_image is upside_down:
        for path in (tmp_path / "mine").rglob("*.jpg"):
            image = Image.open(path)
            image.load()
            exif = Image.Exif()
            exif[0x0112] = 3
            image.save(path, exif=exif)
    assert_alike(load_images(tmp_path / "mine").part, symbols=FEW)


def test_what_systems_hide_in_folders_is_skipped_and_a_folder_round_all_is_opened(tmp_path):
    write_folder(tmp_path / "download" / "mine", FEW)
    before = load_images(tmp_path / "download").part
    for name in (".DS_Store", "Thumbs.db", "heart/.hidden.png", "heart/Thumbs.db", "__MACOSX/heart/._0.png"):
        path = tmp_path / "download" / "mine" / name.replace("heart", min(FEW))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"no image")
    (tmp_path / "download" / "__MACOSX").mkdir()
    assert np.array_equal(load_images(tmp_path / "download").part.images, before.images)


def test_classes_are_in_natural_order(tmp_path):
    write_folder(tmp_path, {name: SYMBOLS["heart"][:1] for name in ("10", "9", "b", "a")})
    assert load_images(tmp_path).part.digits == ("9", "10", "a", "b")


def test_an_uncertain_picture_goes_by_the_others(tmp_path):
    """Its ink fills more of the border than its paper does."""
    write_folder(tmp_path, FEW)
    cropped = np.full((60, 60), 20, "uint8")  # a bold E, cropped closely, as fonts are
    cropped[14:24, 12:] = cropped[36:46, 12:] = 240
    name = min(FEW)
    Image.fromarray(cropped).save(tmp_path / name / "tight.png")
    with pytest.raises(DataError, match=r"tight.png cannot be used: ink seems to cover .*margin"):
        load_images(tmp_path)
    cropped[:, 30:] = 240  # less of it: an F without its arms
    Image.fromarray(cropped).save(tmp_path / name / "tight.png")
    part = load_images(tmp_path).part
    assert part.images[2][14, 9] > 200 and part.images[2].mean() < 110


def damage(folder, what):
    name = min(FEW)
    first = folder / name / "0.png"
    if what == "broken":
        first.write_bytes(first.read_bytes()[:100])
    elif what == "text":
        (folder / name / "notes.txt").write_text("Tuesday")
    elif what == "heic":
        (folder / name / "IMG_1.HEIC").write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    elif what == "blank":
        for number in (0, 1):
            Image.new("L", (90, 90), 240).save(folder / name / f"{number}.png")
    elif what == "deep":
        (folder / name / "more").mkdir()
    elif what == "hollow":
        (folder / "void").mkdir()
    elif what == "bomb":
        Image.new("1", (20_000, 20_000)).save(first)


@pytest.mark.parametrize(
    "what, words",
    [
        ("broken", r"0\.png cannot be read as an image \(.*\); remove it, or save it again as PNG or JPEG"),
        ("text", r"notes\.txt cannot be read as an image"),
        ("heic", r"IMG_1\.HEIC is a HEIC photo, .* save it as JPEG"),
        ("blank", r"0\.png cannot be used: nothing stands out from the paper; .* \(1 more: .*1\.png\)"),
        ("deep", r"holds folders \(more\) where images are expected"),
        ("hollow", r"void is empty; put images of void into it, or remove it"),
        ("bomb", r"0\.png cannot be read as an image \(.*pixels"),
    ],
)
def test_a_bad_image_or_folder_is_named(tmp_path, what, words):
    damage(write_folder(tmp_path / "mine", FEW), what)
    with pytest.raises(DataError, match=words):
        load_images(tmp_path / "mine")


def test_too_few_and_too_many_classes_and_no_classes_are_refused(tmp_path):
    for name in ("one", "many", "none", "loose", "zipped"):
        (tmp_path / name).mkdir()
    line = {"heart": SYMBOLS["heart"][:1]}
    write_folder(tmp_path / "one" / "a" / "b", line)
    (tmp_path / "one" / "a" / "b" / "empty").mkdir()
    write_folder(tmp_path / "many", {f"c{number}": line["heart"] for number in range(51)})
    write_folder(tmp_path / "loose" / "x", line)
    np.savez(
        tmp_path / "alone.npz", images=np.pad(np.full((3, 10, 10), 255), [(0, 0), (5, 5), (5, 5)]), labels=[7, 7, 7]
    )
    (tmp_path / "zipped" / "mine.zip").write_bytes(b"PK")
    for path, words in (
        ("many", r"has 51 classes \(c0, c1, c2, …\), but it takes 2 to 50"),
        ("none", "is empty; it should hold a folder of images for each class"),
        ("loose/x/heart", r"has no folder for each class, but 1 file \(0\.png\); move the images into folders"),
        ("loose", r"has no folder for each class"),
        ("one", "the folder .*empty is empty"),
        ("nowhere", "there is no file or folder .*nowhere; give a folder with a folder of images"),
        ("alone.npz", r"has 1 class \(7\), but it takes 2 to 50: give each class a folder, or a label"),
        ("zipped/mine.zip", "is a zip archive; unpack it and give the folder"),
    ):
        with pytest.raises(DataError, match=words):
            load_images(tmp_path / path)


def test_without_pillow_one_sentence_says_how_to_get_it(tmp_path, monkeypatch):
    write_folder(tmp_path, FEW)
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(DataError, match="read by Pillow, which is not installed .*python -m pip install pillow"):
        load_images(tmp_path)


# --- arrays ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def arrays():
    """Sheets of 40 × 40, and their labels in words."""
    sheets = [drawn(drawing, 40, 2.5) for many in SYMBOLS.values() for drawing in many]
    labels = [name for name, many in SYMBOLS.items() for _ in many]
    order = np.argsort(labels, kind="stable")
    return np.rint(255 * np.array(sheets)).astype("uint8")[order], np.array(labels)[order]


def csv_of(images, labels, titles=True, quote=""):
    first = ["label," + ",".join(f"pixel{number}" for number in range(images[0].size))] * titles
    lines = [f"{quote}{label}{quote}," + ",".join(map(str, image.ravel())) for image, label in zip(images, labels)]
    return "\r\n".join(first + lines).encode()


@pytest.mark.parametrize("titles", [True, False])
@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("kind", ["bytes", "shares", "dark", "zipped"])
def test_a_csv_with_labels_in_words(tmp_path, arrays, titles, quote, kind):
    sheets, labels = arrays
    sheets = {"shares": sheets / 255, "dark": 255 - sheets}.get(kind, sheets)
    content = csv_of(sheets, labels, titles, quote)
    path = tmp_path / ("mine.csv.gz" if kind == "zipped" else "mine.csv")
    path.write_bytes(gzip.compress(content) if kind == "zipped" else content)
    found = load_images(path)
    assert_alike(found.part)
    assert found.done["inverted"] == (30 if kind == "dark" else 0)


@pytest.mark.parametrize(
    "content, words",
    [
        (b"label,a,b,c\nx,1,2,3", "has 4 columns, but a label and the pixels of a square image make"),
        (b"one line", "has 1 columns"),
        (b"x,1,2,3,4\ny,1,2,3,a", "should hold numbers, but for its labels"),
        (b"x,1,2,3,4\ny,1,2,3", "should hold numbers, but for its labels"),
        (b"x,1,2,3,4\ny,1,2,3,-4", "grey values should lie from 0 to 255"),
        (b"x,1,2,3,4\ny,1,2,3,nan", "finite numbers"),
        (b"<html>,", "is a web page"),
    ],
)
def test_a_csv_of_something_else_is_refused(tmp_path, content, words):
    (tmp_path / "mine.csv").write_bytes(content)
    with pytest.raises(DataError, match=words):
        load_images(tmp_path / "mine.csv")


def test_an_npz_in_the_guises_that_people_have(tmp_path, arrays):
    sheets, labels = arrays
    numbers, ideal = np.unique(labels, return_inverse=True)[1], strokes.part(dict(sorted(SYMBOLS.items()))).images
    colours = np.repeat(sheets[..., None], 3, axis=-1)
    for stored in (
        {"images": sheets, "labels": labels},
        {"X": sheets.reshape(len(sheets), -1), "y": numbers[:, None]},
        {"x_train": sheets[:15], "y_train": numbers[:15], "x_test": sheets[15:], "y_test": numbers[15:]},
        {"arr_0": sheets[..., None] / 255.0, "arr_1": numbers.astype(float)},
        {"data": colours, "target": np.eye(5)[numbers]},
        {"data": np.moveaxis(colours, -1, 1)[:, :1], "target": labels.astype("S")},
        {"images": sheets.astype("uint16") * 257, "labels": numbers},
        {"images": sheets > 127, "labels": numbers},
    ):
        np.savez(tmp_path / "mine.npz", **stored)
        part = load_images(tmp_path / "mine.npz").part
        assert part.digits in (tuple("01234"), tuple(sorted(SYMBOLS))) and part.counts().tolist() == [6] * 5
        assert min(map(likeness, part.images, ideal)) > 0.7


@pytest.mark.parametrize(
    "stored, words",
    [
        ({"images": np.ones((3, 9, 9))}, r"has no images and labels; name its arrays so .* \(it holds: images\)"),
        ({"images": np.ones((3, 9, 9)), "labels": np.ones(2, int)}, "3 images need as many labels"),
        ({"images": np.ones((3, 7)), "labels": np.ones(3, int)}, r"images should be an array \(N, rows, columns\)"),
        (
            {"images": np.ones((3, 9, 9)), "labels": np.array([0.5, 1, 2])},
            "whole numbers or words, but some are neither",
        ),
        ({"images": -np.ones((3, 9, 9)), "labels": np.ones(3, int)}, "should lie from 0 to 255"),
        ({"images": np.ones((3, 9, 9), complex), "labels": np.ones(3, int)}, "finite numbers"),
    ],
)
def test_an_npz_of_something_else_is_refused(tmp_path, stored, words):
    np.savez(tmp_path / "mine.npz", **stored)
    with pytest.raises(DataError, match=words):
        load_images(tmp_path / "mine.npz")


def test_idx_files_as_a_pair_or_by_their_folder(tmp_path, arrays):
    sheets, labels = arrays
    numbers = np.unique(labels, return_inverse=True)[1].astype("uint8")
    for name, of in (("mine-images-idx3-ubyte", sheets), ("mine-labels-idx1-ubyte.gz", numbers)):
        (tmp_path / name).write_bytes(gzip.compress(idx_bytes(of)) if name.endswith("gz") else idx_bytes(of))
    parts = [load_images(path).part for path in (tmp_path, *sorted(tmp_path.iterdir()))]
    assert all(np.array_equal(part.images, parts[0].images) for part in parts)
    assert parts[0].digits == tuple("01234") and parts[0].counts().tolist() == [6] * 5
    (tmp_path / "mine-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataError, match="needs mine-labels-idx1-ubyte beside it"):
        load_images(tmp_path)


def test_a_large_collection_is_thinned_out_evenly(tmp_path, arrays, monkeypatch):
    sheets, labels = arrays
    monkeypatch.setattr(images, "MOST_IMAGES", 15)
    np.savez(tmp_path / "mine.npz", images=sheets, labels=labels)
    found = load_images(tmp_path / "mine.npz")
    assert found.part.counts().tolist() == [3] * 5 and found.left_out == 15 and "15 more were left out" in str(found)


# --- drawings ----------------------------------------------------------------------------------------------------


def class_file(name=pictures.CLASS_FILE):
    """A class of drawings as the laboratory's page saves it."""
    texts = [[base64.b64encode(image.tobytes()).decode() for image in many] for many in IDEAL]
    symbols = [
        {"name": f" {name} ", "learn": many[:3], "later": many[3:]} for name, many in zip(SYMBOLS, texts, strict=True)
    ]
    return {"format": name, "symbols": symbols}


def test_the_laboratorys_file_of_a_class_and_the_bundled_drawings(tmp_path):
    (tmp_path / "drawings.json").write_text(json.dumps(class_file()))
    part = load_images(tmp_path / "drawings.json").part
    assert_alike(part, 0.999)
    bundled = load_images(strokes.DRAWINGS).part
    assert set(bundled.digits) == set(SYMBOLS) and len(bundled) == 60


@pytest.mark.parametrize(
    "content",
    ["{", "7", "[]", '{"symbols": 3}', json.dumps(class_file("other, version 2")), '{"symbols": {"a": [[]]}}']
    + [json.dumps(class_file()).replace("A", "é"), json.dumps(class_file()).replace("AAAA", "")],
)
def test_another_json_file_is_refused(tmp_path, content):
    (tmp_path / "drawings.json").write_text(content)
    with pytest.raises(
        DataError, match=r"is no file of drawings \(.*\); the laboratory's page saves one as drawings.json"
    ):
        load_images(tmp_path / "drawings.json")
